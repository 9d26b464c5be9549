"""What can be said of a block from the block alone: whether its results were cached, its CPU is known, its host kept still."""
