"""Crawls research-data catalogues into one clean, verified snapshot of studies and datasets."""

__version__ = "0.1.0"
