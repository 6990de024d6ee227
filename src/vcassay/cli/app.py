"""The application: verbs, exit statuses, one-sentence errors."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import metadata
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from vcassay.cli.assess import assess_command
from vcassay.cli.audit import audit_command
from vcassay.cli.catalogue import explain_command, list_command
from vcassay.cli.claim import claim_command
from vcassay.cli.compare import compare_command
from vcassay.cli.datasets import DATASET_VERBS, datasets_command
from vcassay.cli.demo import demo_command
from vcassay.cli.examples import epilog
from vcassay.cli.field import field_command
from vcassay.cli.init import init_command
from vcassay.cli.inspect import inspect_command
from vcassay.cli.report import report_command, verify_command
from vcassay.cli.review import review_command
from vcassay.cli.score import score_command
from vcassay.cli.split import split_command
from vcassay.cli.task import task_command
from vcassay.core.errors import VcassayError

BAD_INPUT, INTERRUPTED = 2, 130

VERBS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("demo", demo_command, "assess four models on a simulated screen"),
    ("init", init_command, "guess a screen's columns, write study.toml"),
    ("inspect", inspect_command, "what a screen holds and could support"),
    ("split", split_command, "make the study's split"),
    ("claim", claim_command, "what a score on the split can support"),
    ("audit", audit_command, "leakage alone, without any prediction"),
    ("task", task_command, "the training view, for a model trained outside"),
    ("assess", assess_command, "assess the models of a study"),
    ("score", score_command, "metrics alone, with a published scorer's numbers"),
    ("report", report_command, "render a stored assessment again"),
    ("compare", compare_command, "several assessments side by side"),
    ("verify", verify_command, "check a stored assessment"),
    ("review", review_command, "what a published result supports"),
    ("field", field_command, "where the field is: published claims, reviewed"),
    ("list", list_command, "metrics, baselines, checks, diagnostics"),
    ("explain", explain_command, "what one of them is"),
)
"""Verb, function, and its line in ``vcassay --help``."""

app = typer.Typer(
    name="vcassay",
    help="Tell whether a virtual cell's claim holds: claim, leakage, baselines, calibrated metrics, biology, verdict.",
    epilog=epilog("vcassay"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"vcassay {metadata.version('vcassay')}")
        raise typer.Exit


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a user's mistake into one sentence and exit status 2, and an interruption into 130."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except VcassayError as error:
            return _stop(str(error), BAD_INPUT)
        except BrokenPipeError:
            raise  # whoever reads the output has seen enough
        except OSError as error:
            what = (error.strerror or str(error)).lower()
            name = error.filename if isinstance(error.filename, str) else "the file system"
            return _stop(f"{name}: {what}; check the path, its permissions and the space on the disk.", BAD_INPUT)
        except MemoryError:
            return _stop("the memory does not suffice; set backed = true in [data], or take fewer genes.", BAD_INPUT)
        except KeyboardInterrupt:
            return _stop("interrupted; run the same command again to go on from here.", INTERRUPTED)

    return run


def _stop(sentence: str, status: int) -> None:
    print(f"vcassay: {sentence}", file=sys.stderr)
    raise typer.Exit(status)


@app.callback()
@guarded
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version")
    ] = False,
    plugins: Annotated[
        list[Path] | None,
        typer.Option(
            "--plugin",
            metavar="FILE",
            help="a Python file with metrics, baselines, checks or diagnostics of yours; may be repeated",
        ),
    ] = None,
) -> None:
    """Options that stand before the verb."""
    if plugins:
        from vcassay.core.plugins import load_plugin

        for file in plugins:
            load_plugin(file)


for _verb, _command, _words in VERBS:
    app.command(_verb, short_help=_words, epilog=epilog(_verb))(guarded(_command))

datasets_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True, epilog=epilog("datasets"))
datasets_app.callback()(guarded(datasets_command))
for _verb, _command, _words in DATASET_VERBS:
    datasets_app.command(_verb, short_help=_words)(guarded(_command))
app.add_typer(datasets_app, name="datasets", short_help="published screens: list, show, fetch, convert")


def main() -> None:
    """Run a command; signs that the terminal cannot show are replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="vcassay")  # however it was started
