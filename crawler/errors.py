"""Every exception that this project raises on purpose: who raises it, when, and what it carries."""


class CrawlerError(Exception):
    """The base of them all; its text is one line that says what to do."""

    exit_code = 1
    result = "failed"
    """What a command that it ended came to, in one word of the summary."""

    @property
    def line(self) -> str:
        """It, and what was added to it on its way."""
        return " ".join([str(self), *getattr(self, "__notes__", [])])


class UsageError(CrawlerError):
    """Raised wherever an argument, a setting or a run is named that cannot be used."""

    exit_code = 2
    result = "usage"


class CrawlFailed(CrawlerError):
    """Raised when a crawl or its publishing did not come to its end, for no fault of the store."""


class CrawlStopped(CrawlFailed):
    """Raised when a signal ended a crawl, or another command, before it was done."""

    result = "stopped"


class GateRefused(CrawlerError):
    """Raised by publishing when the gate refused a run, with what it found; the current run stays."""

    exit_code = 3
    result = "refused"

    def __init__(self, message: str, stats: dict[str, int], manifest: object) -> None:
        super().__init__(message)
        self.stats = stats
        self.manifest = manifest
        """The run's `export.manifest.Manifest`, of which this floor knows nothing."""


class StoreError(CrawlerError):
    """Raised by a store that could not read, write or create an object: its `key`, and the `problem`."""

    exit_code = 4
    result = "store"

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.problem = message


class StoreUnavailable(StoreError):
    """Raised by a store that gave no answer, or one that says to come again: the same call may succeed later."""


class AlreadyExists(StoreError):
    """Raised by a store's create-if-absent when the object is there already."""

    def __init__(self, key: str) -> None:
        super().__init__(key, "exists already")


class FrontierUnavailable(CrawlFailed):
    """Raised by the link to Redis when that gave no answer for too long, or one that makes no sense."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"Redis at {where}: {problem}: see to it, then start the same run_id again")


class FrontierLost(CrawlerError):
    """Raised by the link to Redis when the frontier that a worker knows is gone: it is made anew from the log."""


class RequestAbandoned(CrawlerError):
    """Raised by the download handler for a request that nobody waits for: the crawl ends, or another has its target."""


class BrowserUnavailable(CrawlerError):
    """Raised by the download handler for a page that needs a browser where there is none; `why` says what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(f"needs a browser: {why}")


class RequestRefused(CrawlerError):
    """The base of what a middleware raises for a request that it does not let through; its text says why."""


class CircuitOpen(RequestRefused):
    """Raised by the circuit for a request to a `host` that has failed again and again."""

    SAYS = "circuit open"
    """What its text begins with, and the reason of a target that was not asked for because of it."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{self.SAYS}: {host}")
        self.host = host


class RobotsUnreachable(RequestRefused):
    """Raised for every request to a `host` whose robots.txt cannot be had."""

    SAYS = "robots.txt was unreachable"
    """What its text begins with, and the reason of a target that was not asked for because of it."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{self.SAYS}: {host}: {why}")
        self.host = host


class HostRefused(RequestRefused):
    """Raised for a request to a `host` that is none of the crawl's, or that has an address which is not public."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host}: {why}")
        self.host = host


class UrlTooLong(RequestRefused):
    """Raised for a request whose URL is longer than `URLLENGTH_LIMIT`."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"URL of {length} characters, at most {limit} may be (URLLENGTH_LIMIT)")


class BodyTooLarge(CrawlerError):
    """Raised for an answer that is larger than `DOWNLOAD_MAXSIZE`, as sent or decompressed."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes (DOWNLOAD_MAXSIZE)")


class InvalidSighting(CrawlerError):
    """Raised by validation when a sighting breaks the record's schema; `field` is the first that does."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class UnidentifiedRecord(CrawlerError):
    """Raised by validation when a sighting has no uuid, slug, DOI or study number to be known by."""
