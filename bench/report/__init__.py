"""Shows results that are finished: tables in the terminal, charts, pages. Decides and computes nothing."""
