"""What baselines know of a study's names stands on the page, the terminal and in Markdown."""

from __future__ import annotations

import io

from rich.console import Console

from vcassay.record import FeatureRecord
from vcassay.report import write_report
from vcassay.report.knowledge import known, known_features
from vcassay.report.markdown import render_markdown
from vcassay.report.terminal import print_summary

GO = FeatureRecord(
    name="GO",
    kind="annotation",
    axis="perturbation",
    columns=256,
    wanted=20,
    matched=13,
    ways={"exact": 11, "previous symbol": 2},
    unmatched=tuple(f"G{i}" for i in range(7)),
    ambiguous={"G1": ("H1", "H2")},
    note="256 components",
    file="go.gaf.gz",
    released="2024-05-01",
    later=True,
    licence="CC BY 4.0",
)
TABLE = GO.model_copy(update={"name": "drugs", "kind": "compounds", "columns": 0, "wanted": 0, "matched": 0, "ways": {},
                              "unmatched": (), "later": None, "note": ""})  # fmt: skip


def test_a_line_says_how_many_in_which_way_who_is_missing_and_whether_it_came_later() -> None:
    assert known(GO).line == (
        "GO (annotation, 256 columns): 13 of 20, 2 by previous symbol; not: G0, G1 (H1 or H2?), G2, G3, G4 and 2 more; "
        "256 components; released after the truth became public: it may hold it"
    )
    assert known(GO).origin == "go.gaf.gz, released 2024-05-01, CC BY 4.0"
    assert known(TABLE).line == "drugs (compounds): nothing to look up"
    flat = GO.model_copy(update={"columns": 0, "axis": "context", "later": False, "note": ""})
    assert known(flat).line.startswith("GO (annotation, contexts): 13 of 20, without a column that tells them apart")
    assert not known(flat).later


def test_it_is_on_the_page_the_terminal_and_in_markdown(planted, tmp_path) -> None:
    record = planted.record.model_copy(update={"features": (GO, TABLE)})
    assert [k.name for k in known_features(record)] == ["GO", "drugs"]
    text = io.StringIO()
    print_summary(record, Console(file=text, width=200))
    assert "GO (annotation, 256 columns): 13 of 20" in text.getvalue()
    assert "What the baselines know of the perturbations and contexts" in render_markdown(record)
    folder = type(planted)(record, planted.conditions, planted.scores).write(tmp_path)
    write_report(folder)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What the baselines know of the perturbations" in page
    assert "go.gaf.gz, released 2024-05-01, CC BY 4.0" in page
    assert "Released after the truth became public" in page
    assert "G2" in page


def test_nothing_is_said_where_nothing_was_looked_up(planted) -> None:
    record = planted.record.model_copy(update={"features": ()})
    assert "What the baselines know" not in render_markdown(record)
    text = io.StringIO()
    print_summary(record, Console(file=text, width=200))
    assert "What the baselines know" not in text.getvalue()
