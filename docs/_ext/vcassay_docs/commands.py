"""The command line: every verb with its usage, arguments and options, from the application itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from vcassay.cli.app import app
from vcassay_docs.docstrings import safe, safe_lines
from vcassay_docs.rest import entry, table, title

HEAD = """``vcassay VERB --help`` prints the same. Every verb takes ``--json``. Exit status: 0 done, 1 a verdict is
below what ``[require]`` asks or a check failed under ``--strict``, 2 bad input (one sentence says what to mend), 3
something ended in an error.

"""


def verbs() -> Iterator[tuple[str, Any]]:
    """Every verb, and every verb of a verb, with its command."""
    yield from _of(typer.main.get_command(app), "")


def _of(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield f"{before}{name}", command
        if hasattr(command, "commands"):
            yield from _of(command, f"{before}{name} ")


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of the page."""
    listed = list(verbs())
    rows = [(f"``vcassay {verb}``", safe(command.get_short_help_str(limit=200))) for verb, command in listed]
    text = title("Command line") + HEAD + table(("verb", "does"), rows, (30, 70))
    text += title("Before the verb", "-") + _parameters(typer.main.get_command(app), "vcassay") + title("Verbs", "-")
    yield "reference/commands", text + "".join(_verb(verb, command) for verb, command in listed)


def _verb(verb: str, command: Any) -> str:
    context = command.make_context(f"vcassay {verb}", [], resilient_parsing=True)
    usage = command.get_usage(context).removeprefix("Usage: ")
    about = "\n".join(safe_lines(re.sub(r"\f.*", "", command.help or "", flags=re.DOTALL).splitlines()))
    body = f"{about}\n\n.. code-block:: text\n\n   {' '.join(usage.split())}\n\n{_parameters(command, verb)}"
    return entry(f"vcassay {verb}", body, kind="command")


def _parameters(command: Any, name: str) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    records = [record for p in command.get_params(context) if (record := p.get_help_record(context))]
    return table(("argument or option", "meaning"), [(f"``{a}``", safe(b)) for a, b in records], (40, 60))
