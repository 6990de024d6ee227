"""The application: verbs, exit statuses, one-sentence errors."""

from __future__ import annotations

import sys

import typer

from vcassay.cli.assess import assess_command
from vcassay.cli.catalogue import explain_command, list_command
from vcassay.cli.claim import claim_command, split_command
from vcassay.cli.demo import demo_command
from vcassay.cli.init import init_command
from vcassay.cli.inspect import inspect_command
from vcassay.cli.report import report_command, verify_command
from vcassay.core.errors import VcassayError

app = typer.Typer(
    name="vcassay",
    help="Tell whether a virtual cell's claim holds: claim, leakage, baselines, calibrated metrics, biology, verdict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("demo")(demo_command)
app.command("init")(init_command)
app.command("inspect")(inspect_command)
app.command("split")(split_command)
app.command("claim")(claim_command)
app.command("assess")(assess_command)
app.command("report")(report_command)
app.command("verify")(verify_command)
app.command("list")(list_command)
app.command("explain")(explain_command)


def main() -> None:
    """Run a command; a user's mistake is one sentence and exit status 2."""
    try:
        app()
    except VcassayError as error:
        print(f"vcassay: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("vcassay: interrupted; run the same command again to go on from here.", file=sys.stderr)
        sys.exit(130)
