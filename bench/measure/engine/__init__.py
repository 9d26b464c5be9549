"""The loop that measures, in the command's own process: ensembles, how much of each, and who measures."""
