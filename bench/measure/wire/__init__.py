"""What the processes that measure say to each other: `words` between windows, `requests` to begin something."""
