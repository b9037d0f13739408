"""Scrapy signals of this project's own."""

requests_abandoned = object()
"""Sent when a crawl that is being stopped waits no longer for the requests in flight."""

ended_by_force = object()
"""Sent when a crawl's process is made to end in mid-work, to whoever has something to tell: `error`, a CrawlStopped.

A receiver may return the exit code.
"""
