"""The tool's version, alone in a module so that packaging reads it without importing anything."""

VERSION = "0.7.0.dev0"
