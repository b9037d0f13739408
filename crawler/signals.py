"""Signals: the system's that stop a command, and Scrapy's of this project's own."""

import signal

_HANGUP = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
STOPPING = (signal.SIGINT, signal.SIGTERM, *_HANGUP)
"""What stops a command: the end of its terminal too, unless it was started to outlive that, as by `nohup`."""

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
