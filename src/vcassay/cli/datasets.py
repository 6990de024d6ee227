"""vcassay datasets: the registry of published screens, their files, and converting what has another form."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError

if TYPE_CHECKING:
    from vcassay.screen.datasets import Dataset, StoredFile

NAME = typer.Argument(metavar="NAME", help="a data set, as `vcassay datasets` lists it")
JSON = typer.Option("--json", help="print as JSON")


class Axis(StrEnum):
    """What the rows of a table are."""

    CONTEXTS = "contexts"
    PERTURBATIONS = "perturbations"


def datasets_command(context: typer.Context, as_json: Annotated[bool, JSON] = False) -> None:
    """Published screens: what they hold, where they lie, their licences, their traps, and what they could support."""
    if context.invoked_subcommand is not None:
        return
    from vcassay.cli.dataset_text import datasets_text
    from vcassay.run.datasets import dataset_rows

    rows = dataset_rows()
    if as_json:
        print_json(rows)
        return
    print(datasets_text(rows))


def show_command(name: Annotated[str, NAME], as_json: Annotated[bool, JSON] = False) -> None:
    """Show all that is known of a data set, the claims it could support, and a [data] section for study.toml."""
    from vcassay.cli.dataset_text import dataset_text
    from vcassay.run.datasets import describe_dataset
    from vcassay.screen.datasets import read_dataset

    described = describe_dataset(read_dataset(name))
    if as_json:
        print_json(described)
        return
    print(dataset_text(described))


def fetch_command(
    name: Annotated[str, NAME],
    file: Annotated[
        list[str] | None, typer.Option("--file", metavar="NAME", help="which file; may be repeated")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="the folder to keep it in")] = Path("data"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask before a download above 1 GB")] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Fetch a file of a data set, resumed where an earlier try stopped, and check its hash.

    Without --file the first file is meant. The licence is printed before anything is fetched; above 1 GB, or where
    the size is not known, it asks first. A hash that is not known is recorded beside the file and checked from then on.
    """
    from vcassay.cli.dataset_text import size_text
    from vcassay.cli.download_bar import download_bar
    from vcassay.run.datasets import data_section
    from vcassay.screen.datasets import read_dataset
    from vcassay.screen.fetch import fetch

    dataset = read_dataset(name)
    wanted = [dataset.file(f) for f in file] if file else [dataset.file()]
    print(_licence(dataset), file=sys.stderr)
    done = []
    for one in wanted:
        agreed = yes or (out / one.name).exists() or _agree(one)
        with download_bar(one.name) as report:
            got = fetch(one, out, agreed=agreed, report=report)
        told = {"dataset": dataset.name, "file": one.name, "path": str(got.path), "how": got.how, "bytes": got.size}
        done.append(told | {"sha256": got.sha256, "checked": got.checked, "mended": list(got.mended)})
        if not as_json:
            how = {
                "registry": "its hash is the registry's",
                "first fetch": "its hash is that of the first fetch",
                "nothing": f"its hash was not known and is recorded in {one.name}.sha256",
            }[got.checked]
            here = "is fetched" if got.how == "fetched" else "was here already"
            print(f"{got.path} {here}: {size_text(got.size)}, {how}.")
            print(_next(dataset, one, got.path))
            if one.screen and one.form == "h5ad":
                print(f"\n{data_section(dataset, one, str(got.path)).rstrip()}")
    if as_json:
        print_json(done)


def convert_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="a .gct, .gctx, .mtx, .csv or .tsv file")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="the .h5ad to write")] = None,
    obs: Annotated[Path | None, typer.Option("--obs", metavar="TABLE", help="what each row is: sig_info")] = None,
    var: Annotated[
        Path | None, typer.Option("--var", metavar="TABLE", help="what each gene is, such as gene_info")
    ] = None,
    keep_obs: Annotated[
        list[str] | None, typer.Option("--keep-obs", metavar="COLUMN=VALUE", help="rows to keep; may be repeated")
    ] = None,
    keep_var: Annotated[
        list[str] | None, typer.Option("--keep-var", metavar="COLUMN=VALUE", help="genes to keep; may be repeated")
    ] = None,
    rows: Annotated[Axis | None, typer.Option(help="of a table of pairs: what its rows are")] = None,
    value: Annotated[str, typer.Option("--value", metavar="COLUMN", help="of a table of one number a row: which")] = "",
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Write a file of another form as .h5ad, which a study can name; what cannot be converted is said in a sentence."""
    from vcassay.screen.convert import convert

    target = out if out is not None else path.with_name(f"{path.name.partition('.')[0]}.h5ad")
    got = convert(path, target, obs=obs, var=var, keep_obs=keep_obs or (), keep_var=keep_var or (),
                  rows=None if rows is None else rows.value, value=value)  # fmt: skip
    if as_json:
        print_json({"path": str(got.path), "n_obs": got.n_obs, "n_vars": got.n_vars, "obs": list(got.obs),
                    "notes": [list(n) for n in got.notes]})  # fmt: skip
        return
    print(f"{got.path}: {got.n_obs:,} rows x {got.n_vars:,} features.")
    print(f"obs columns: {', '.join(got.obs) or 'none'}")
    for what, why in got.notes:
        print(f"  - {what} ({why.rstrip('.')})")


DATASET_VERBS = (
    ("show", show_command, "all that is known of one, and its [data] section"),
    ("fetch", fetch_command, "a file of it, resumed and checked"),
    ("convert", convert_command, "a file of another form into an .h5ad"),
)
"""Verbs below ``vcassay datasets``, their functions, and their lines in its help."""


def _licence(dataset: Dataset) -> str:
    """What must be known before anything is fetched."""
    licence = dataset.licence
    how = f" [{licence.evidence or dataset.evidence}]"
    return f"{dataset.title}\nlicence: {licence.name or 'not known'}. {licence.allows}{how}\ncite: {dataset.citation}"


def _agree(file: StoredFile) -> bool:
    """Ask before a large download; without a terminal, --yes is asked for. False where there is no need to ask."""
    from vcassay.cli.dataset_text import size_text
    from vcassay.screen.fetch import ask
    from vcassay.screen.fetch.fetched import LARGE_BYTES

    size, approximate = file.bytes, file.approximate
    if size is None:
        size, approximate = ask(file.url).size, False
    if size is not None and size <= LARGE_BYTES:
        return False
    shown = size_text(size, approximate=approximate)
    if not sys.stdin.isatty():
        what = f"'{file.name}' has {shown}" if size is not None else f"the size of '{file.name}' is not known"
        raise InputError(what, where="vcassay datasets fetch", mend="say --yes to fetch it")
    try:
        agreed = typer.confirm(f"Fetch {file.name} ({shown})?", err=True)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    if not agreed:
        raise InputError(
            "was not agreed to", where=file.name, mend="run the command again, or name another with --file"
        )
    return True


def _next(dataset: Dataset, file: StoredFile, path: Path) -> str:
    """What to do with a file."""
    if file.form == "h5ad":
        return f"Look at it with `vcassay inspect {path}`; `vcassay datasets show {dataset.name}` names its traps."
    if file.form == "parquet":
        return "Parquet in lists of gene tokens is read as it is, with the metadata beside it."
    if file.form in ("gct", "gctx", "mtx"):
        unpack = f"Unpack it (`gunzip {path}`), then " if path.suffix == ".gz" and file.form == "gctx" else ""
        return f"{unpack or 'Next: '}`vcassay datasets convert {path.with_suffix('') if unpack else path}`."
    if file.form in ("csv", "tsv"):
        return f"A table: see `vcassay datasets convert --help` and `vcassay datasets show {dataset.name}`."
    how = {
        "archive": "unpack it, and name the .h5ad inside as the screen",
        "h5mu": "open it with mudata, and write the RNA with write_h5ad",
        "xlsx": "save its sheet as .csv, then `vcassay datasets convert`",
    }
    return f"Next: {how.get(file.form, 'convert it')}."
