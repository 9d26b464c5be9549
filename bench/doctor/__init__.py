"""Finds out what this machine lets us measure and how well: facts, noise, and programs of known use measured."""
