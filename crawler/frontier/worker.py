"""One worker's part in a run that several share: what it has taken, and what it still owes."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from scrapy import signals

from crawler import stats
from crawler.errors import FrontierLost, UsageError
from crawler.items import Begin, Lead, State, Target
from crawler.signals import batch_stored, worker_idle
from crawler.sites import SITES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.frontier.frontier import Frontier, Message
    from crawler.frontier.outbox import Outbox

_log = logging.getLogger(__name__)
_WAIT_MS = 500
"""How long Redis waits for something to do for a worker before it says that there is nothing."""
_SHORTLY = 0.02
_MOST_TAKEOVERS = 3
"""So many workers may end while they have a target before it is given up."""


class Asker(Protocol):
    """What a worker needs of its spider."""

    run_id: str

    def ask(self, lead: Lead) -> Iterable[Request]:
        """Yield the first requests for a target."""

    def rest(self) -> Iterable[Request]:
        """Yield the requests for targets that wait for others, to be asked for together."""


@dataclass(slots=True)
class Held:
    """A message whose target is not in the store yet."""

    message: Message
    told: bool = False
    """True once its row is on its way there, and this frontier has heard, or will, what the target led to."""


class End(Enum):
    """The event that is the last one."""

    END = "end"


END: Final = End.END


class Worker:
    """Takes targets from the frontier as far as it has room for them, and out of it once they are in the store."""

    def __init__(self, crawler: Crawler, spider: Asker, frontier: Frontier, outbox: Outbox, purpose: str) -> None:
        """`purpose` is what the run is told to do, in words: the same for all its workers."""
        settings = crawler.settings
        self._purpose = purpose
        self._crawler, self._spider, self._frontier, self._outbox = crawler, spider, frontier, outbox
        usual = 4 * max(settings.getint("EXPORT_BATCH_ITEMS"), settings.getint("CONCURRENT_REQUESTS"))
        self._most = settings.getint("FRONTIER_MAX_PENDING") or usual
        self._ahead = 2 * settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._claim_seconds = settings.getfloat("FRONTIER_CLAIM_SECONDS")
        self._renewed = monotonic()
        self.held: dict[str, Held] = {}
        self.waiting: Counter[str] = Counter()
        """Requests that wait in this process, by site."""
        self._events: asyncio.Queue[Target | Begin | End] = asyncio.Queue()
        self.busy = False
        """True while the spider does what it was told to."""
        self.ended = asyncio.Event()
        self.due = asyncio.Event()
        """Set where there is something to send."""
        self.room = asyncio.Event()
        """Set where there may be room for more."""
        self._patient = False
        """True where others are at work, and it is theirs to find something."""
        self._cleared = asyncio.Event()
        """Set where a suspect is done, and the next one may be taken over."""
        self._unstored = 0
        """Rows that were scraped and are not in the store yet."""
        self._joining = asyncio.Lock()
        self._joined = 0
        crawler.signals.connect(self._scraped, signals.item_scraped)
        crawler.signals.connect(self._stored, batch_stored)

    @property
    def is_overdue(self) -> bool:
        """True where what is held may be another's by now, for this worker was away, or Redis was."""
        return monotonic() - self._renewed > self._claim_seconds

    def owns(self, request: Request) -> bool:
        """Tell whether a target of a request is still this worker's; of many, leave out those that are not."""
        if (visit := request.cb_kwargs.get("visit")) is not None:
            return visit.target.url in self.held
        if (visits := request.cb_kwargs.get("visits")) is not None:
            visits[:] = [visit for visit in visits if visit.target.url in self.held]
            return bool(visits)
        return True

    async def is_back(self) -> None:
        """Wait until a worker that was away knows what is still its own, or the run ends."""
        while self.is_overdue and not self.ended.is_set():  # noqa: ASYNC110 - it becomes so by the time that passes
            await asyncio.sleep(_SHORTLY)

    async def next_event(self) -> Target | Begin | End:
        """Return what the spider is to do next: begin, yield a target, or end."""
        event = await self._events.get()
        self.busy = True
        return event

    def tell(self, url: str) -> None:
        """Note that the row of a target is on its way to the store, and what it led to on its way to Redis."""
        if (held := self.held.get(url)) is not None:
            held.told = True
        self.due.set()

    def end(self) -> None:
        """Take the run to be at its end, for this worker at least."""
        self.ended.set()
        self._events.put_nowait(END)

    async def work(self) -> None:
        """Work until the run is at its end; raises what keeps it from that."""
        await self._join(self._joined)
        steps = [asyncio.ensure_future(self._repeat(step)) for step in (self._take, self._tell, self._renew)]
        try:
            done, _ = await asyncio.wait(
                [*steps, asyncio.ensure_future(self.ended.wait())], return_when=asyncio.FIRST_COMPLETED
            )
            for each in done:
                each.result()
        finally:
            for each in steps:
                each.cancel()
            await asyncio.gather(*steps, return_exceptions=True)

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        while not self.ended.is_set():
            joined = self._joined
            try:
                await step()
            except FrontierLost:
                await self._join(joined)

    async def _join(self, joined: int) -> None:
        """Join the frontier: for the first time, or another one where the one that was joined before is gone."""
        async with self._joining:
            if joined != self._joined:
                return  # another step has found out before
            known, begins = await self._frontier.begin(self._purpose)
            if known != self._purpose:
                raise UsageError(
                    f"run {self._spider.run_id} is at work as `scrapy crawl {known}`: start its other workers with the"
                    " same"
                )
            if joined:
                _log.warning("Redis has lost the frontier: it is made anew from the log")
                self._crawler.stats.inc_value(stats.FRONTIER_LOST)
            self.held.clear()
            self._renewed = monotonic()
            self._outbox.forget()
            self._joined += 1
            anew = Begin.ANEW if joined else Begin.FIRST
            self._events.put_nowait(anew if begins else Begin.NOT)

    async def _take(self) -> None:
        """Take on what there is room for; where there is nothing left to do, ask what is next."""
        self.room.clear()  # what becomes free while Redis is asked is not to be waited for
        names = [site.NAME for site in SITES]
        room = self._most - len(self.held)
        wanted = [name for name in names if self.waiting[name] < self._ahead]
        patient, self._patient = self._patient, False
        messages: list[Message] = []
        if len(wanted) > room:
            if patient:
                await self._wait_for_room()
            for name in wanted if room > 0 else ():
                messages = messages or await self._frontier.read([name], room, None)
        elif wanted:
            waits = wanted == names and (patient or not self._idle())
            messages = await self._frontier.read(
                wanted, min(self._ahead, room // len(wanted)), _WAIT_MS if waits else None
            )
        for message in messages:
            self._hold(message)
        if not messages:
            await (self._settle() if self._idle() else self._wait_for_room())

    async def _wait_for_room(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_MS / 1000):
                await self.room.wait()

    async def _tell(self) -> None:
        """Send what there is to send."""
        if not self._outbox:
            self.due.clear()
            await self.due.wait()
        await self._outbox.send(self._frontier)

    async def _renew(self) -> None:
        """Say that this worker lives, and look whether others do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._claim_seconds / 3):
                await self._cleared.wait()
        self._cleared.clear()
        now = monotonic()
        held = {each.message.id: url for url, each in self.held.items()}
        begins, lost = await self._frontier.renew(held)
        was_away = self.is_overdue
        for each in lost:
            self.held.pop(held[each], None)
        self._renewed = now
        if begins:
            self._events.put_nowait(Begin.ANEW)
        if not was_away:  # else Redis was, perhaps, and the others are to have the time to say that they live
            await self._take_over()

    async def _take_over(self) -> None:
        room = max(self._most - len(self.held), 0)
        trusted = not any(each.message.is_suspect for each in self.held.values())
        for message in await self._frontier.claim(room, one_suspect=trusted):
            _log.warning("Taken over from a worker that has gone silent: %s", message.url)
            self._crawler.stats.inc_value(stats.FRONTIER_TAKEN_OVER)
            self._hold(message)

    def _hold(self, message: Message) -> None:
        self.held[message.url] = Held(message)
        takeovers = message.deliveries - 1
        if takeovers > _MOST_TAKEOVERS:
            self._crawler.stats.inc_value(stats.FRONTIER_GIVEN_UP)
            self._give_up(message, State.FETCH_FAILED, f"given up: {takeovers} workers ended while they had it")
            return
        for request in self._spider.ask(Lead(message.url, message.depth)):
            self._crawler.engine.crawl(request)

    def _give_up(self, message: Message, state: State, reason: str) -> None:
        self.tell(message.url)
        self._events.put_nowait(Target(url=message.url, state=state, depth=message.depth, reason=reason))

    def _idle(self) -> bool:
        """Tell whether nothing is going on in this process that more could come of."""
        engine = self._crawler.engine
        scraped = engine.scraper.slot is None or engine.scraper.slot.is_idle()
        if self.busy or not self._events.empty() or engine.downloader.active or not scraped:
            return False
        return not self.waiting.total()

    async def _settle(self) -> None:
        """Do what is left for a worker that has nothing to do; once that is nothing, ask what is next."""
        if requests := [*self._spider.rest()]:
            for request in requests:
                self._crawler.engine.crawl(request)
        elif self.held:
            for each in self.held.values():
                if not each.told:
                    _log.error("Nothing came of %s", each.message.url)
                    self._give_up(each.message, State.PARSE_FAILED, "nothing came of it")
            self._crawler.signals.send_catch_log(worker_idle)
            await asyncio.sleep(_SHORTLY)
        elif self._unstored > 0:  # of what is nobody's to ask for, as sitemaps are
            self._crawler.signals.send_catch_log(worker_idle)
            await asyncio.sleep(_SHORTLY)
        elif self._outbox:
            await asyncio.sleep(_SHORTLY)
        elif (released := await self._frontier.advance()) < 0:
            self.end()
        else:
            self._patient = not released

    def _scraped(self) -> None:
        self._unstored += 1

    def _stored(self, urls: Sequence[str]) -> None:
        """Take out what is in the store now; not what only a frontier that was lost since has heard of."""
        self._unstored -= len(urls)
        done = [self.held.pop(url).message for url in urls if url in self.held and self.held[url].told]
        self._outbox.done += [each.id for each in done]
        if any(each.is_suspect for each in done):
            self._cleared.set()
        self.due.set()
        self.room.set()
