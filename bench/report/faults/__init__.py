"""What strategies made of faults."""
