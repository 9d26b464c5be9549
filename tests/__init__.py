"""A file a module, and the real command end to end."""
