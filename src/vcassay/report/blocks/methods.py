"""Block 10: how it was measured, and what is needed to check it."""

from __future__ import annotations

from vcassay.record import AssessmentRecord, CrossedRecord
from vcassay.report.blocks.block import Block, cell
from vcassay.report.tables import Stored
from vcassay.report.wording import bracket, decimals, estimate, number, percent


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
    measured += [(f"Reliability across {c.kind}", _crossed(c)) for c in screen.crossed]
    if record.inflation:
        measured.append(("Sharing controls would add", _inflation(record)))
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


def _crossed(row: CrossedRecord) -> str:
    if row.reason or row.across is None:
        return f"not measurable: {row.reason or 'no condition has two'}"
    text = f"{number(row.across, 2)}, against {number(row.within, 2)} within, over {row.n:,} conditions"
    if row.difference is None:
        return text
    places = decimals(row.low, row.high)
    text += f" (difference {number(row.difference, places, sign=True)} {bracket(row.low, row.high, places)})".replace(
        " )", ")"
    )
    return f"{text}: part of the signal is of the {row.kind}" if row.lower else text


def _inflation(record: AssessmentRecord) -> str:
    """The largest of the models in each metric."""
    models, titles = {m.name for m in record.models}, {m.name: m.title for m in record.metrics}
    rows = [r for r in record.inflation if r.model in models and r.difference is not None]
    largest = {}
    for row in sorted(rows, key=lambda r: abs(r.difference or 0.0)):
        largest[row.metric] = row
    told = [
        f"{estimate(r.difference, r.low, r.high, sign=True)} to {titles.get(r.metric, r.metric)} of {r.model}"
        for r in largest.values()
    ]
    return f"at most {'; '.join(told)} (truth and prediction have controls of their own)" if told else "not measurable"
