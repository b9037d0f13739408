"""The project's settings for crawls of a server of our own, to which no manners are due."""

from crawler.settings import *  # noqa: F403 - all of them, but for what follows

DOWNLOAD_DELAY = 0
DOWNLOAD_SLOTS = {}
CONCURRENT_REQUESTS_PER_DOMAIN = 16
