"""Examples below the help of a verb: each is a command line that the verb takes."""

import shlex

import pytest
import typer

from vcassay.cli.app import app
from vcassay.cli.examples import EXAMPLES

LINES = sorted({line for lines in EXAMPLES.values() for line in lines})


@pytest.mark.parametrize("line", LINES)
def test_an_example_parses(line):
    program, *words = shlex.split(line)
    assert program == "vcassay"
    group = typer.main.get_command(app)
    while hasattr(group, "commands"):
        context = group.make_context(group.name, words)
        words = [*context._protected_args, *context.args]
        if not words:
            return
        group = group.commands[words.pop(0)]
    assert group.make_context(line, words).params


def test_help_shows_them(vcassay):
    assert "\n    vcassay init screen.h5ad predictions.h5ad\n" in vcassay("init", "--help").out
    assert "<list[" not in vcassay("claim", "--help").out.partition("Options:")[2]
