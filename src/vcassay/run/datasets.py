"""What is known of a published screen, joined: entry, claims, published splits on it, cards that use it, examples."""

from __future__ import annotations

import textwrap
from typing import Any

from vcassay.claim.applications import USES
from vcassay.claim.prospects import limits_of_all, prospects, use_fits
from vcassay.claim.protocols import protocols
from vcassay.run.resolved import to_toml
from vcassay.screen.datasets import Columns, Dataset, StoredFile, datasets
from vcassay.verdict.cards import cards

COMMENT_WIDTH = 96


def dataset_rows() -> list[dict[str, Any]]:
    """One row a data set, for a table: what is known in short.

    Returns
    -------
    Rows with ``name``, ``title``, ``year``, ``kinds``, ``cells``, ``perturbations``, ``combinations``, ``contexts``,
    ``doses`` and ``times`` as text (``not known`` where it is), ``context`` (what a context is), ``licence``,
    ``commercial``, ``access``, ``bytes`` of the first file, ``files``, ``regimes`` that a split can be drawn for,
    ``traps`` (how many), ``protocols``, ``landing`` and ``evidence``.
    """
    return [_row(dataset) for dataset in datasets()]


def _row(d: Dataset) -> dict[str, Any]:
    counted = {
        name: d.counts.say(name) for name in ("cells", "perturbations", "combinations", "contexts", "doses", "times")
    }
    return {
        "name": d.name,
        "title": d.title,
        "year": d.year,
        "kinds": list(d.kinds),
        **counted,
        "context": d.counts.several,
        "licence": d.licence.name or "not known",
        "commercial": d.licence.commercial,
        "access": d.access,
        "bytes": d.files[0].bytes if d.files else None,
        "files": len(d.files),
        "regimes": [p.regime.value for p in prospects(d) if p.answer == "yes"],
        "traps": len(d.traps),
        "protocols": list(d.protocols),
        "landing": d.landing,
        "evidence": d.evidence,
    }


def describe_dataset(d: Dataset) -> dict[str, Any]:
    """Everything about a data set as plain data: the entry, and what follows from it."""
    known = {p.name: p for p in protocols()}
    return {
        **d.model_dump(mode="json", exclude={"schema_", "protocols"}),
        "kind": "datasets",
        "claims": [
            {"regime": p.regime.value, "answer": p.answer, "reason": p.reason, "limits": list(p.limits)}
            for p in prospects(d)
        ],
        "limits": list(limits_of_all(d)),
        "uses": [
            {
                "use": u.use,
                "name": USES[u.use],
                "fit": u.fit,
                "regime": None if u.regime is None else u.regime.value,
                "reason": u.reason,
            }
            for u in use_fits(d)
        ],
        "protocols": [
            {"name": name, "title": known[name].title, "regime": known[name].regime.value} for name in d.protocols
        ],
        "cards": cards_on(d.name),
        "data_section": data_section(d),
    }


def data_section(d: Dataset, file: StoredFile | None = None, screen: str = "") -> str:
    """The ``[data]`` of a study.toml for a file of the data set, ready to paste.

    Parameters
    ----------
    file
        Which file; the first where none is given.
    screen
        What to write as the screen; the file's name where nothing is given.
    """
    main = file if file is not None else next((f for f in d.files if f.screen), None)
    c = d.columns_of(main)
    named = main.name if main is not None and main.form == "h5ad" else f"{d.name}.h5ad"
    if d.files and (main is None or main.form == "parquet"):
        named = d.name  # a folder of many parts, with the metadata beside them
    keys: dict[str, Any] = {
        "screen": screen or named,
        "name": d.title,
        "accessions": list(d.accessions),
        **_columns(c),
    }
    if not keys["accessions"]:
        del keys["accessions"]
    said = [
        f"columns as in {c.confirmed}"
        if c.confirmed
        else "columns not looked at on a file: compare with `vcassay init`"
    ]
    said += [c.note] if c.note else []
    lines = [line for text in said for line in textwrap.wrap(text, COMMENT_WIDTH, break_long_words=False)]
    return "\n".join([*(f"# {line}" for line in lines), to_toml({"data": keys}).lstrip()])


def _columns(c: Columns) -> dict[str, Any]:
    """The keys of [data] that say which column is what; empty ones only where leaving out would be guessed."""
    out: dict[str, Any] = {"rows": c.rows, "readout": c.readout, "perturbation": c.perturbation}
    out |= {"delimiter": c.delimiter, "control": list(c.control), "context": c.context}
    for key in ("context_name", "batch", "dose", "dose_unit", "time", "time_unit", "modality"):
        if value := getattr(c, key):
            out[key] = value
    if c.annotation:
        out["annotation"] = dict(c.annotation)
    return out


def cards_on(name: str) -> list[str]:
    """Names of the package's cards of published models that have a benchmark on a data set."""
    return [card.name for card in cards() if any(name in b.dataset for b in card.benchmark)]
