"""The command line: a recipe a command. Results go to standard output, progress and warnings to standard error."""
