"""Controls: who saw them, whether they match within batch, and whether they had to be shared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected, affected_where
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.cells.inflation import (
    INFLATION_WARN,
    expected_inflation,
    judge,
    measure_inflation,
    span,
    training_mean,
)
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding, finite
from vcassay.evidence.leakage.refusal import BATCH_QUESTION, no_controls, not_tested
from vcassay.prediction import Answer, Disclosure
from vcassay.screen import Design, Rows

MATCHED_SHARE = Threshold("batch_matched_share", 0.99, "a few stray rows do not move an effect")

SHARED = "whose controls scoring shares with training"

Array = NDArray[np.float64]


@check(
    "L15m",
    title="Model saw the scoring controls",
    source="our own (docs/methods.md, section 1); answers moved between controls, simulated",
)
def controls_seen(
    effects: Effects, split: Split, answer: Answer, disclosure: Disclosure, rng: np.random.Generator
) -> Finding:
    """What a model scores does not come from the noise of the controls that the truth is measured against.

    Where the model saw them (it declares all controls; the split reserves none), its answers are scored again as if
    they stood on the controls left to training: the change, and never more than the score itself, is inflation by its
    lower end: above .05 WARN, above .2 FAIL. This takes the model's effects to stand on its controls as measured ones
    do; for a model whose answers carry no noise the change is small unless control noise outweighs effects. Where pools
    are too small to divide nothing can be measured: WARN with the closed form. PASS where the model declares none or
    those left to training, with what the truth against its own controls would add. UNKNOWN where nothing is declared,
    with both changes. Answers that say nothing differ from no change. NA without control rows, or without answers.
    """
    if (stop := no_controls("L15m", effects)) is not None:
        return stop.about(answer.name)
    test = split.test
    if not (answer.state == "ok").any():
        return finding("L15m", Status.NA, "No test condition is answered.", model=answer.name)
    declared = "training" if answer.role == "baseline" else disclosure.controls
    undivided = effects.shared_control[test]
    expected = np.median(expected_inflation(effects.n_control[test], effects.n_rows[test]))
    closed = f"closed form where nothing happens: {expected:.2f}"
    if undivided.any() and declared in ("all", "training"):
        return finding(
            "L15m",
            Status.WARN,
            f"{int(undivided.sum())} of {plural(len(test), 'test condition')} have too few controls to keep any for "
            f"scoring: what shared noise adds cannot be measured ({closed}).",
            null=0.0,
            model=answer.name,
            affected=affected_where(SHARED, undivided) if not undivided.all() else None,
            remedy="Measure more controls, or judge such conditions by the perturbed-reference score.",
        )
    found = measure_inflation(effects, split, np.where(answer.genes, answer.values, 0.0), rng, answer.genes)
    over = f"{plural(found.n, 'detectable condition' if found.detectable else 'condition')}"
    here = f"Pearson delta {span(found.score)} over {over}"
    training = f"against the controls left to training it would be {span(found.against_training)} more"
    less = f"standing on the controls left to training it would score {span(found.gained)} less"
    if declared is None:
        how = "Effects were taken against all measured controls; which" if answer.space == "expression" else "Which"
        return finding(
            "L15m",
            Status.UNKNOWN,
            f"{how} controls the model saw is not declared: {here}; {training}; if it saw all, {less} ({closed}).",
            null=0.0,
            model=answer.name,
            question="Was the model trained on all controls, or only on those left to training?",
        )
    if declared == "none":
        sentence = f"The model saw no controls, as declared: {here}; {training} ({closed})."
        return finding("L15m", Status.PASS, sentence, value=0.0, null=0.0, model=answer.name)
    if declared == "training" and (split.reserved_shards or answer.role == "baseline"):
        sentence = f"The model saw only the controls left to training, as declared: {here}; {training} ({closed})."
        return finding("L15m", Status.PASS, sentence, value=0.0, null=0.0, model=answer.name)
    status = judge(min(found.gained.value, found.score.value), found.at_least)
    why = "The model saw all controls" if declared == "all" else "The split reserves no controls for scoring"
    said = "prediction and truth share noise" if status is not Status.PASS else "their noise does not carry the score"
    return finding(
        "L15m",
        status,
        f"{why}, and {said}: {here}; {less} ({closed}).",
        value=finite(found.gained.value),
        null=0.0,
        threshold=INFLATION_WARN.value,
        model=answer.name,
        remedy="Train on the training view (`vcassay task`), which leaves out the scoring controls."
        if status is not Status.PASS
        else "",
    )


@check("batch_match", title="Controls of other batches", source="batch-matched effects")
def batch_match(effects: Effects, split: Split, design: Design) -> Finding:
    """Test rows are compared with controls of their own batch, not with pooled ones."""
    if (stop := no_controls("batch_match", effects)) is not None:
        return stop
    if (stop := not_tested("batch_match", split)) is not None:
        return stop
    if design.batch is None:
        return finding(
            "batch_match",
            Status.UNKNOWN,
            "No batch column is named: effects may hold batch differences, and split halves overstate reliability.",
            question=BATCH_QUESTION,
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


@check(
    "L15",
    title="Scoring and training share controls",
    source="our own (docs/methods.md, section 1); answers moved between controls, simulated",
)
def shared_control(effects: Effects, split: Split, rng: np.random.Generator) -> Finding:
    """Scoring has control rows of its own, so that no model can agree with the truth by control noise.

    What sharing is worth is measured on the mean of training effects (of the context, or of all where it was not
    trained): its score standing on all controls less that standing on those left to training. Where the split reserves
    no controls, so that models stand on all, the lower end of this change above .05 is a WARN, above .2 a FAIL. Where
    pools are too small to divide nothing can be measured: WARN with the closed form. PASS otherwise, with the change
    that was avoided. NA without control rows or test conditions.
    """
    if (stop := no_controls("L15", effects)) is not None:
        return stop
    if (stop := not_tested("L15", split)) is not None:
        return stop
    test = split.test
    undivided = effects.shared_control[test]
    shared = undivided | (not split.reserved_shards)
    expected = np.where(shared, expected_inflation(effects.n_control[test], effects.n_rows[test]), 0.0)
    found = None if undivided.all() else measure_inflation(effects, split, training_mean(effects, split), rng)
    worth = "what sharing is worth cannot be measured, for want of training effects"
    if found is not None and np.isfinite(found.placed.value):
        over = plural(found.n, "detectable condition" if found.detectable else "condition")
        worth = (
            f"the mean of training effects scores {span(found.score)} in Pearson delta over {over} when it stands on "
            f"the controls left to training, and {span(found.placed)} more on all"
        )
    if not shared.any():
        fewest = int(effects.n_control[test].min())
        sentence = f"Half of the controls, of at least {fewest:,} a context, are kept for scoring alone: {worth}."
        return finding("L15", Status.PASS, sentence, value=0.0, null=0.0, affected=_sharing(expected))
    closed = float(np.median(expected[shared]))
    measured = found is not None and np.isfinite(found.placed.value)
    parts, status, value = [], Status.PASS, closed
    if not split.reserved_shards and not undivided.all():
        parts.append(f"The split reserves no controls for scoring: {worth}")
        status = judge(found.placed.value, found.placed.low) if found is not None and measured else Status.WARN
        value = found.placed.value if found is not None and measured else closed
    if undivided.any():
        parts.append(
            f"{int(undivided.sum())} of {plural(len(test), 'test condition')} share their controls with training (too "
            "few to divide), at a cost that cannot be measured"
        )
        status = Status.FAIL if status is Status.FAIL else Status.WARN
    ids = effects.conditions.take(test).ids
    rows = [
        {
            "condition": ids[i],
            "controls": int(effects.n_control[test][i]),
            "rows": int(effects.n_rows[test][i]),
            "inflation": float(expected[i]),
        }
        for i in np.argsort(-expected, kind="stable")[:EVIDENCE_ROWS]
    ]
    return finding(
        "L15",
        status,
        f"{'; '.join(parts)}. Effects without any signal would correlate by {closed:.2f} (median, closed form for rows "
        "of equal precision).",
        value=value,
        null=0.0,
        threshold=INFLATION_WARN.value,
        evidence=rows,
        affected=_sharing(expected),
        remedy=""
        if status is Status.PASS
        else "Keep controls for scoring, or measure more; judge such conditions by the perturbed-reference score.",
    )


def _sharing(expected: Array) -> Affected:
    """Test conditions whose controls are shared, by the closed form."""
    return Affected(SHARED, expected, INFLATION_WARN.value)
