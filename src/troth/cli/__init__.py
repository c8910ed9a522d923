"""The command line: parse, call one function of `app`, render, choose the exit code. It decides nothing.

One command or group of commands is one file. Nothing heavy is imported before a command runs, so that help is
quick: what a command needs from `app` is imported inside its function.
"""
