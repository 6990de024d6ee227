"""Block 8: biology diagnostics."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import Block, finding_groups, matrix, tallied
from vcassay.report.facts import family
from vcassay.report.figures.dose import CHECK, dose_figures
from vcassay.report.palette import series


def biology_block(record: AssessmentRecord) -> Block:
    """Build the diagnostics; a result counts only where the truth itself passes."""
    findings = family(record, "biology")
    figures, note = dose_figures(record)
    spoken = {f.model for f in findings if f.check.startswith(CHECK)}
    key = [(m.name, i, *series(i)) for i, m in enumerate(record.models) if m.name in spoken]
    return Block(
        name="biology",
        stage="Stage 2d",
        title="Is it learning actual biology?",
        nav="2d Biology",
        answer=f"{tallied(findings)} A model is held to a test only where the truth passes it."
        if findings
        else "No diagnostic was run: what the model has learned is not known.",
        data={
            **finding_groups(findings),
            "matrix": matrix(findings, record),
            "figures": figures,
            "note": note,
            "key": key,
            "dose": CHECK,
        },
        figures=tuple(figures),
    )
