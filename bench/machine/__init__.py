"""What machine and interpreter this is, and what is done on all of its cores."""
