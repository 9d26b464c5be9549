"""From stored rounds to estimates, comparisons and findings. The only door to pandas; prints nothing."""
