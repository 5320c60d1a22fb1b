"""The command line: parse, call the code below the screens, print."""
