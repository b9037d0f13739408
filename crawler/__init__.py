"""Crawls research-data catalogues into one clean, verified snapshot of studies and datasets."""
