"""Every exception that this project raises on purpose: who raises it, when, and what it carries."""


class CrawlerError(Exception):
    """The base of them all; its text is one line that says what to do."""

    exit_code = 1


class UsageError(CrawlerError):
    """Raised wherever an argument, a setting or a run is named that cannot be used."""

    exit_code = 2


class CrawlFailed(CrawlerError):
    """Raised when a crawl or its publishing did not come to its end, for no fault of the store."""


class GateRefused(CrawlerError):
    """Raised by publishing when the gate refused a run, with the stats of what it found; the current run stays."""

    exit_code = 3

    def __init__(self, message: str, stats: dict[str, int]) -> None:
        super().__init__(message)
        self.stats = stats


class StoreError(CrawlerError):
    """Raised by a store that could not read, write or create an object: its `key`, and the `problem`."""

    exit_code = 4

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


class RequestAbandoned(CrawlerError):
    """Raised by the download handler for a request that a crawl which is being stopped waits for no longer."""


class InvalidSighting(CrawlerError):
    """Raised by validation when a sighting breaks the record's schema; `field` is the first that does."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class UnidentifiedRecord(CrawlerError):
    """Raised by validation when a sighting has no uuid, slug, DOI or study number to be known by."""
