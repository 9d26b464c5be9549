"""The report of one run: its tables, its page, its sentences."""
