"""Several workers at one run: what they share in Redis. Nothing of it is imported where FRONTIER_URL is not set."""
