"""Block 3: the leak audit, what is wrong first, and the questions that only the authors can answer."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import Block, finding_groups, matrix, tallied
from vcassay.report.declared import NOT_DECLARED, declared_rows
from vcassay.report.facts import family, questions


def leakage_block(record: AssessmentRecord) -> Block:
    """Build the audit."""
    findings = family(record, "leakage")
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
            "declared": declared_rows(record.models),
            "models": [m.name for m in record.models],
            "not_declared": NOT_DECLARED,
        },
    )
