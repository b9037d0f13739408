"""The project's Scrapy settings: each one that differs from Scrapy's default says why."""

import os

from crawler import __version__

BOT_NAME = "study-crawler"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"

# The project's own settings; each can come from the environment by the same name.
EXPORT_URI = os.environ.get("EXPORT_URI", "exports/")
EXPORT_BATCH_ITEMS = os.environ.get("EXPORT_BATCH_ITEMS", "200")
EXPORT_BATCH_SECONDS = os.environ.get("EXPORT_BATCH_SECONDS", "30")
EXPORT_OUTAGE_SECONDS = os.environ.get("EXPORT_OUTAGE_SECONDS", "60")
GATE_MIN_RECORDS = os.environ.get("GATE_MIN_RECORDS", "")
GATE_MAX_SHRINK = os.environ.get("GATE_MAX_SHRINK", "")
GATE_MIN_FILL = os.environ.get("GATE_MIN_FILL", "")
GATE_MAX_FAILED = os.environ.get("GATE_MAX_FAILED", "")
MIRROR = os.environ.get("MIRROR", "")

_contact = os.environ.get("CONTACT")  # a URL where whoever runs a site finds whoever crawls it
USER_AGENT = f"{BOT_NAME}/{__version__} ({f'+{_contact}' if _contact else 'no contact given'})"
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 0.25
CONCURRENT_REQUESTS_PER_DOMAIN = 2
CONCURRENT_ITEMS = 4  # Scrapy starts as many tasks for each response: at its 100 they cost as much as reading the page
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is to trust anybody
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60

DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.mirror.MirrorDownloadHandler",
    "https": "crawler.middlewares.mirror.MirrorDownloadHandler",
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.politeness.CrawlDelayMiddleware": 90,
}
SPIDER_MIDDLEWARES = {"crawler.middlewares.broken.BrokenPageMiddleware": 10}
ITEM_PIPELINES = {
    "crawler.pipelines.validate.ValidatePipeline": 100,
    "crawler.pipelines.dedupe.DedupePipeline": 200,
    "crawler.pipelines.s3.BatchPipeline": 900,
}
EXTENSIONS = {
    "crawler.extensions.publish.Publish": 900,
    "crawler.extensions.stop.Stop": 900,
}

# Scrapy parses a callback's source to look for such a return, for every response anew where the callback is a method:
# that costs as much as reading the page. The type checker finds one too.
WARN_ON_GENERATOR_RETURN_VALUE = False
METAREFRESH_ENABLED = False  # a target's redirects are noted, not followed behind its back
COOKIES_ENABLED = False  # nothing here has a session
TELNETCONSOLE_ENABLED = False  # a port into the process that nobody asked for
REMOTE_CONTROL_ENABLED = False  # likewise
LOG_LEVEL = "INFO"
