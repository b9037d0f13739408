"""The report of a run: one page of HTML, made of what is stored alone, that may be made again at any time."""
