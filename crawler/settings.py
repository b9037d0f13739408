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
FRONTIER_URL = os.environ.get("FRONTIER_URL", "")
FRONTIER_MAX_PENDING = os.environ.get("FRONTIER_MAX_PENDING", "0")
FRONTIER_CLAIM_SECONDS = os.environ.get("FRONTIER_CLAIM_SECONDS", "60")
METRICS_FILE = os.environ.get("METRICS_FILE", "")
ALERTS_FILE = os.environ.get("ALERTS_FILE", "")
ALERTS_WEBHOOK = os.environ.get("ALERTS_WEBHOOK", "")
LOG_JSON = os.environ.get("LOG_JSON", "")
BROWSER_EXECUTABLE = os.environ.get("BROWSER_EXECUTABLE", "")
BROWSER_TIMEOUT = 20  # seconds that a page has to load, and again to come to hold what is waited for
BROWSER_PAGES = 2  # at once; one takes most of a core while it loads

_contact = os.environ.get("CONTACT")  # a URL where whoever runs a site finds whoever crawls it
USER_AGENT = f"{BOT_NAME}/{__version__} ({f'+{_contact}' if _contact else 'no contact given'})"
ROBOTSTXT_OBEY = True
ADDONS = {
    "crawler.addons.Rate": 0,  # a DOWNLOAD_DELAY on the command line holds for the hosts below as well
    "crawler.addons.Workers": 0,  # with FRONTIER_URL, what the workers of a run share is in Redis
}
DISCOVERY = "crawler.spiders.discovery.Discovery"
HOST_TURNS = "crawler.middlewares.turns.Turns"
DOWNLOAD_DELAY = 0.25
DOWNLOAD_DELAY_JITTER = 0  # a delay is a promise to the site: no request comes sooner
CONCURRENT_REQUESTS_PER_DOMAIN = 2
_UKDS = {"delay": 2.5, "jitter": 0.2, "concurrency": 1}  # from 2 s to 3 s, as others who harvest them do
_DOI = {"delay": 1.1, "concurrency": 1}  # no limit is published; others keep to this
DOWNLOAD_SLOTS: dict[str, dict[str, float]] = {
    "datacatalogue.ukdataservice.ac.uk": _UKDS,
    "beta.ukdataservice.ac.uk": _UKDS,
    "oai.ukdataservice.ac.uk": _UKDS,
    "reshare.ukdataservice.ac.uk": _UKDS,
    "api.datacite.org": _DOI,
    "doi.org": _DOI,
    "data.crosscite.org": _DOI,
}
SCHEDULER_PRIORITY_QUEUE = "crawler.middlewares.slots.HostQueue"  # a host that is paused leaves room for the others
RETRY_PRIORITY_ADJUST = 1  # a host that is down is known for it after a few requests, not once each has failed once
CONCURRENT_ITEMS = 4  # Scrapy starts as many tasks for each response: at its 100 they cost as much as reading the page
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is to trust anybody
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60

DOWNLOAD_HANDLERS = {
    "http": "crawler.browser.BrowserDownloadHandler",
    "https": "crawler.browser.BrowserDownloadHandler",
}
# By number, from the engine to the network; what answers 100 to 500 get to see is what Scrapy's retries (550) came to.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # no errback hears of what it drops
    "crawler.middlewares.hosts.AllowedHostsMiddleware": 50,
    "crawler.middlewares.limits.UrlLengthMiddleware": 60,
    "crawler.middlewares.politeness.CrawlDelayMiddleware": 90,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # takes a failure for permission
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.circuit.CircuitMiddleware": 110,
    "crawler.middlewares.politeness.RetryAfterMiddleware": 560,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # the next does it
    "crawler.middlewares.limits.BodySizeMiddleware": 590,
    "crawler.middlewares.hosts.AddressMiddleware": 760,  # behind Scrapy's for proxies (750)
}
SPIDER_MIDDLEWARES = {
    "crawler.middlewares.broken.BrokenPageMiddleware": 10,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,  # nothing asks which requests came first
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # every status says something of a target
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # no errback hears of what it drops
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # likewise, and it counts requests: the spider counts links
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # no meta is copied
}
ITEM_PIPELINES = {
    "crawler.pipelines.validate.ValidatePipeline": 100,
    "crawler.pipelines.dedupe.DedupePipeline": 200,
    "crawler.pipelines.s3.BatchPipeline": 900,
}
EXTENSIONS = {
    "scrapy.extensions.logstats.LogStats": None,  # Progress says that and more, as often
    "crawler.extensions.progress.Progress": 0,
    "crawler.extensions.traffic.Traffic": 800,  # before Publish, which leaves the stats on the store
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
