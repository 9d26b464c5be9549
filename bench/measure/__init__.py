"""Plans and measures: the supervisor, the host and what they share. Imports neither analysis nor report."""
