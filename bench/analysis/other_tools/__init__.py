"""Runs that other tools stored, as `StoredRun`, a module a tool: which numbers are values, what a block is, and which facts are meant."""
