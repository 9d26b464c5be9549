"""The evidence for the gate."""
