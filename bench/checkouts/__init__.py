"""Revisions of a git repository as folders side by side, and the one way to call git."""
