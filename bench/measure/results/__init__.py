"""What rounds give back: whether it is right, whether it is equal to what others gave, and how it is shown."""
