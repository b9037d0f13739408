"""One module for each source: the forms of its URLs, and where a record lives on its pages."""

EXTRACTOR_VERSION = "1"
"""Changes with every change of what a site module or a loader makes of the same page."""
