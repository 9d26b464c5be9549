"""What the commands do, from the user's request to a finished run file: nothing here parses words of a command line, shows results or draws."""
