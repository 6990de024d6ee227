"""The page: one file that opens offline, prints, and runs nothing but its own scripts."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

from vcassay.record import AssessmentWriter
from vcassay.report.blocks import Block, all_blocks
from vcassay.report.bundle import embedded, library
from vcassay.report.card import card_yaml
from vcassay.report.drill import find_drill
from vcassay.report.figures import Figure
from vcassay.report.markdown import render_markdown
from vcassay.report.palette import stylesheet
from vcassay.report.shell import policy, source, templates
from vcassay.report.tables import Stored, read_stored

READING = ("unpack.js", "csv.js", "export.js", "panel.js", "drill.js", "finder.js")
"""Parts of the script by which a reader saves what is shown and looks up a condition: one scope, in this order."""


def render_html(folder: Path) -> str:
    """Render the page of an assessment directory from what is stored in it.

    Returns
    -------
    One HTML document without external references.

    Raises
    ------
    InputError
        If the directory holds no assessment that this version can read.
    """
    stored = read_stored(folder)
    return _page(stored, all_blocks(stored))


def write_report(folder: Path) -> list[Path]:
    """Write report.html, report.md, card.yml and one Vega-Lite file a figure into an assessment directory.

    Returns
    -------
    The files written, report.html first.
    """
    stored = read_stored(folder)
    blocks = all_blocks(stored)
    writer = AssessmentWriter(folder)
    written = [
        writer.text("report.html", _page(stored, blocks)),
        writer.text("report.md", render_markdown(stored.record)),
        writer.text("card.yml", card_yaml(stored.record, stored.manifest)),
    ]
    for figure in _figures(blocks):
        text = json.dumps(figure.standalone(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        written.append(writer.text(f"figures/{figure.name}.vl.json", text))
    return written


def _figures(blocks: list[Block]) -> list[Figure]:
    return [figure for block in blocks for figure in block.figures]


def _page(stored: Stored, blocks: list[Block]) -> str:
    record = stored.record
    script, reading = source("page.js"), "".join(map(source, READING))
    page = templates().get_template("page.j2")
    return page.render(
        record=record,
        manifest=stored.manifest,
        blocks=blocks,
        models=record.models,
        policy=policy([reading, library(), script]),
        style=Markup(stylesheet() + source("page.css") + source("drill.css")),
        library=Markup(library()),
        script=Markup(script),
        reading=Markup(reading),
        drill=find_drill(stored),
        payload=embedded(_figures(blocks)),
    )
