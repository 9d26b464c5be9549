"""What is to be measured: which cases, where, under which conditions, of which version."""
