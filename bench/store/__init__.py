"""Run files: written a line at a time while measuring, read back and checked against the model."""
