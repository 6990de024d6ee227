"""Controls: who saw them, whether they match within batch, and whether they had to be shared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding, plural
from vcassay.prediction import Answer, Disclosure
from vcassay.screen import Design, Rows

MATCHED_SHARE = Threshold("batch_matched_share", 0.99, "a few stray rows do not move an effect")

Array = NDArray[np.float64]


def inflation(n_control: NDArray[np.integer], n_rows: NDArray[np.integer]) -> Array:
    """Correlation that two effects without any signal have because they share controls.

    Rows of equal variance, the same controls on both sides: (1 / n_c) / (1 / n_c + 1 / n_p).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        of_control, of_rows = 1.0 / np.asarray(n_control, dtype=float), 1.0 / np.asarray(n_rows, dtype=float)
        return np.asarray(of_control / (of_control + of_rows))


def _no_controls(name: str, effects: Effects) -> Finding | None:
    if effects.moments.slots.n_groups:
        return None
    return finding(name, Status.NA, "Not measurable: ready-made effects, whose controls are not among the rows.")


@check("L15m", title="Model saw the scoring controls", source="methods 1; shared-control correlation")
def controls_seen(effects: Effects, split: Split, answer: Answer, disclosure: Disclosure) -> Finding:
    """The controls that a model saw are not those that the truth is measured against."""
    if (stop := _no_controls("L15m", effects)) is not None:
        return stop.about(answer.name)
    test = split.test
    share = float(np.median(inflation(effects.n_control[test], effects.n_rows[test]))) if len(test) else np.nan
    noise = f"an agreement of about {share:.2f} where nothing happens" if np.isfinite(share) else "agreement by noise"
    declared = disclosure.controls
    if declared is None:
        how = "Effects were taken against all measured controls; which" if answer.space == "expression" else "Which"
        return finding(
            "L15m",
            Status.UNKNOWN,
            f"{how} controls the model saw is not declared; the scoring controls among them would give {noise}.",
            model=answer.name,
            question="Was the model trained on all controls, or only on those left to training?",
        )
    if declared == "all" or (declared == "training" and not split.reserved_shards):
        why = "The model saw all controls" if declared == "all" else "The split reserves no controls for scoring"
        return finding(
            "L15m",
            Status.WARN,
            f"{why}: prediction and truth share their noise, {noise}.",
            value=share if np.isfinite(share) else None,
            null=0.0,
            model=answer.name,
            remedy="Train on the training view (`vcassay task`), which leaves out the scoring controls.",
        )
    seen = "no controls" if declared == "none" else "only the controls left to training"
    return finding("L15m", Status.PASS, f"The model saw {seen}, as declared.", model=answer.name)


@check("batch_match", title="Controls matched within batch", source="batch-matched effects")
def batch_match(effects: Effects, split: Split, design: Design) -> Finding:
    """Test rows are compared with controls of their own batch, not with pooled ones."""
    if (stop := _no_controls("batch_match", effects)) is not None:
        return stop
    if not len(split.test):
        return finding("batch_match", Status.NA, "There are no test conditions.")
    if design.batch is None:
        return finding(
            "batch_match",
            Status.UNKNOWN,
            "No batch column is named: effects may hold batch differences, and split halves overstate reliability.",
            question="Which rows were processed together (batch, plate, library)?",
        )
    rows, matched = effects.n_rows[split.test], effects.matched[split.test]
    share = float((rows * matched).sum() / rows.sum())
    sentence = f"{share:.1%} of {plural(int(rows.sum()), 'test row')} are compared with controls of their own batch"
    numbers = {"value": share, "null": 1.0, "threshold": MATCHED_SHARE.value}
    if share >= MATCHED_SHARE.value:
        return finding("batch_match", Status.PASS, f"{sentence}.", **numbers)
    ids = effects.conditions.take(split.test).ids
    unit = "control wells" if design.rows is Rows.REPLICATES else "controls"
    return finding(
        "batch_match",
        Status.WARN,
        f"{sentence}; the others, whose batches have too few {unit}, with the controls of their whole context.",
        evidence=(
            {"condition": ids[i], "matched": float(matched[i]), "rows": int(rows[i])}
            for i in np.argsort(matched, kind="stable")
            if matched[i] < 1
        ),
        remedy="Batch differences enter these effects: leave such batches out, or read their scores with care.",
        **numbers,
    )


@check("L15", title="Scoring and training share controls", source="methods 1; closed form, simulated")
def shared_control(effects: Effects, split: Split) -> Finding:
    """Scoring has control rows of its own, so that no model can agree with the truth by control noise."""
    if (stop := _no_controls("L15", effects)) is not None:
        return stop
    test = split.test
    if not len(test):
        return finding("L15", Status.NA, "There are no test conditions.")
    shared = effects.shared_control[test] | (not split.reserved_shards)
    if not shared.any():
        fewest = int(effects.n_control[test].min())
        sentence = f"Half of the controls, of at least {fewest:,} a context, are kept for scoring alone."
        return finding("L15", Status.PASS, sentence, value=0.0, null=0.0)
    at = test[shared]
    expected = inflation(effects.n_control[at], effects.n_rows[at])
    middle = float(np.median(expected))
    why = "too few to divide" if split.reserved_shards else "the split reserves none"
    ids = effects.conditions.take(at).ids
    rows = [
        {
            "condition": ids[i],
            "controls": int(effects.n_control[at][i]),
            "rows": int(effects.n_rows[at][i]),
            "inflation": float(expected[i]),
        }
        for i in np.argsort(-expected, kind="stable")
    ]
    return finding(
        "L15",
        Status.WARN,
        f"{len(at)} of {plural(len(test), 'test condition')} share their controls with training ({why}): effects "
        f"without any signal would correlate by {middle:.2f} (median).",
        value=middle,
        null=0.0,
        evidence=rows,
        remedy="Measure more controls, or judge such conditions by the perturbed-reference score.",
    )
