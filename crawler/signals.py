"""Scrapy signals of this project's own."""

requests_abandoned = object()
"""Sent when a crawl that is being stopped waits no longer for the requests in flight."""

batch_stored = object()
"""Sent with the `urls` of targets whose rows are in the store now."""

worker_idle = object()
"""Sent by a worker that has nothing to do until the rows that it has are in the store."""

ended_by_force = object()
"""Sent when a crawl's process is made to end in mid-work, to whoever has something to tell: `error`, a CrawlStopped.

A receiver may return the exit code.
"""
