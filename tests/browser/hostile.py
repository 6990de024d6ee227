"""A record whose every name tries to act: as HTML, as a script, as an expression, as Markdown, as a formula."""

from __future__ import annotations

import json

import pandas as pd

from tests.report.conftest import Planted
from vcassay.record import AssessmentRecord

RENAMED = {
    "Kestrel-2": "<script>window.ran=1</script>",
    "PertFormer-XL": '"><img src=x onerror=window.ran=2>',
    "EchoCell": "{{7*7}}${7*7}'\"+(window.ran=3)+\"'",
    "Tabula-mini": "=cmd|' /C calc'!A0 [red]x[/red]",
    "PC9": "javascript:window.ran=4",
    "HT-29": "</noscript></title></style><svg onload=window.ran=5>",
    "A549": "a|b`c`<d>[e](javascript:window.ran=6)",
    "trametinib": "');window.ran=7;//\\",
    "dinaciclib": "datum['x'] && window.ran",
    "vorinostat": "<script>window.ran=8</script>",
    "olaparib": "@SUM(1+1)*cmd|' /C calc'!A0",
    "HDAC1": '<img src="x" onerror="window.ran=9">',
    "HDAC inhibitor": "]]><!-- {{constructor.constructor('window.ran=10')()}}",
    "demo drug screen": "<iframe src=javascript:window.ran=11>",
    "screen.h5ad": '../<b>"plate"</b>.h5ad',
    "Ridge from control profile": "<a href=javascript:window.ran=12>Ridge</a>",
}
"""What stands for each name of the plain record."""


def _renamed(text: str) -> str:
    for name, other in RENAMED.items():
        text = text.replace(name, other)
    return text


def hostile(planted: Planted) -> Planted:
    """The same record and tables with other names."""
    text = planted.record.model_dump_json(by_alias=True)
    for name, other in RENAMED.items():
        text = text.replace(json.dumps(name)[1:-1], json.dumps(other)[1:-1])
    tables = []
    for table in (planted.conditions, planted.scores):
        named = [c for c in table.columns if c in ("context", "perturbation", "model", "batch")]
        tables.append(table.assign(**{c: table[c].astype(str).map(_renamed) for c in named}))
    conditions, scores = tables
    assert isinstance(conditions, pd.DataFrame)
    return Planted(AssessmentRecord.model_validate_json(text), conditions, scores)
