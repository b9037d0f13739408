"""Every exception that this project raises on purpose: who raises it, when, and what it carries."""


class CrawlerError(Exception):
    """The base of them all; its text is one line that says what to do."""


class UsageError(CrawlerError):
    """Raised by commands and spiders on an unknown argument or an unusable setting (exit code 2)."""


class CrawlFailed(CrawlerError):
    """Raised at closing when a crawl did not finish, or found nothing to publish (exit code 1)."""


class StoreError(CrawlerError):
    """Raised by a store that could not read, write or create an object; `key` is that object's key."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


class AlreadyExists(StoreError):
    """Raised by a store's create-if-absent when the object is there already."""

    def __init__(self, key: str) -> None:
        super().__init__(key, "exists already")


class InvalidSighting(CrawlerError):
    """Raised by validation when a sighting breaks the record's schema; `field` is the first that does."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class UnidentifiedRecord(CrawlerError):
    """Raised by validation when a sighting has no uuid, slug, DOI or study number to be known by."""
