"""What the commands do, from the user's wishes to a finished run file: nothing here parses words of a command line, shows results or draws."""
