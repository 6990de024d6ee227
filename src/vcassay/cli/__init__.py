"""The command line: one file a verb; heavy imports happen inside the commands."""

from vcassay.cli.app import main

__all__ = ["main"]
