"""What `doctor` shows."""
