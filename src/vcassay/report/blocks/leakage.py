"""Block 3: the leak audit, what is wrong first, and the questions that only the authors can answer."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import Block, cell, finding_groups, matrix, tallied
from vcassay.report.facts import family, questions

NOT_DECLARED = "not declared"


def leakage_block(record: AssessmentRecord) -> Block:
    """Build the audit."""
    findings = family(record, "leakage")
    keys: list[str] = []
    for model in record.models:
        keys += [k for k in model.disclosure if k not in keys]
    declared = [
        (key, [NOT_DECLARED if m.disclosure.get(key) is None else cell(m.disclosure[key]) for m in record.models])
        for key in keys
    ]
    return Block(
        name="leakage",
        stage="Stage 2a",
        title="Has anything leaked?",
        nav="2a Leakage",
        answer=tallied(findings),
        data={
            **finding_groups(findings),
            "matrix": matrix(findings, record),
            "questions": questions(record),
            "declared": declared,
            "models": [m.name for m in record.models],
            "not_declared": NOT_DECLARED,
        },
    )
