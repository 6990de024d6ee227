"""Block 10: how it was measured, and what is needed to check it."""

from __future__ import annotations

from vcassay.report.blocks.block import Block, cell
from vcassay.report.tables import Stored
from vcassay.report.wording import number, percent


def methods_block(stored: Stored) -> Block:
    """Gather definitions, thresholds and provenance."""
    record, screen = stored.record, stored.record.screen
    measured = [
        ("Screen", f"{screen.name} ({screen.path})"),
        ("Rows", f"{screen.n_rows:,} {screen.rows}, readout: {screen.readout}"),
        ("Conditions", f"{screen.n_conditions:,} over {screen.n_contexts:,} contexts"),
        ("Perturbations", f"{screen.n_perturbations:,}"),
        ("Batches", f"{screen.n_batches:,}"),
        ("Profile", screen.profile),
        ("Scored genes", f"{screen.n_scored_genes:,} of {screen.n_genes:,}: {screen.scored_genes_rule}"),
        ("Controls", f"{screen.controls} ({screen.n_control_rows:,} rows)"),
        ("Matched by batch", percent(screen.control_match_share, missing="not measurable")),
        ("Split-half reliability", number(screen.reliability, 2, missing="not measurable")),
        ("Columns read as", "; ".join(f"{k} = {v}" for k, v in screen.matched_columns.items()) or "none"),
        ("Condition table", f"sha256 {record.claim.sha256}"),
    ]
    if record.require:
        measured.append(("Required by the study", cell(record.require)))
    return Block(
        name="methods",
        stage="Provenance",
        title="How was this worked out, and can it be repeated?",
        nav="Methods",
        answer="",
        data={
            "measured": measured,
            "notes": screen.notes,
            "metrics": record.metrics,
            "baselines": record.baselines,
            "thresholds": record.thresholds,
            "models": record.models,
            "manifest": stored.manifest,
            "missing": stored.missing.get("manifest", ""),
            "quick": record.quick,
        },
    )
