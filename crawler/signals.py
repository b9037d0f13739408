"""Scrapy signals of this project's own."""

requests_abandoned = object()
"""Sent when a crawl that is being stopped waits no longer for the requests in flight."""
