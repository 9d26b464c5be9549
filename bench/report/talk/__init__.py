"""The folder for a talk."""
