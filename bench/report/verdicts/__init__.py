"""Verdicts of a gate, for people and for the programs that show them."""
