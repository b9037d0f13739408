"""What a worker has to tell Redis, in its order: what was found is there before what it was found on is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.frontier.frontier import Discovered, Frontier, Id

_MOST = 1000
"""URLs in one message to Redis, which does nothing else meanwhile."""


@dataclass(slots=True)
class Outbox:
    """Gathers it, and sends it when asked to; what is not sent for an error stays."""

    noted: set[str] = field(default_factory=set)
    """URLs that the frontier has heard of from this worker, or soon will have."""
    told: list[str] = field(default_factory=list)
    discovered: list[Discovered] = field(default_factory=list)
    done: list[Id] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.told or self.discovered or self.done)

    def note(self, discovered: Discovered) -> None:
        """Take in a target, unless it was noted before; one that is done may have been held back until now."""
        if discovered.asked or discovered.url not in self.noted:
            self.noted.add(discovered.url)
            self.discovered.append(discovered)

    def forget(self) -> None:
        """Note everything anew, for another frontier; what was not sent yet is for that one too."""
        self.noted = {each.url for each in self.discovered}
        self.done.clear()

    async def send(self, frontier: Frontier) -> None:
        """Send all that there is now; raises FrontierLost and FrontierUnavailable."""
        done = list(self.done)  # others may become done while the first of these is sent
        while self.told or self.discovered:
            told, discovered = self.told[:_MOST], self.discovered[:_MOST]
            await frontier.note(told, discovered)
            del self.told[: len(told)], self.discovered[: len(discovered)]
        if done:
            await frontier.done(done)
            del self.done[: len(done)]
