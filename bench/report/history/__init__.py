"""Cases over many runs."""
