"""Shares: how much of the true effects, and of each model's skill, is template and how much interaction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.partial import along
from vcassay.arrays.resample import Estimate
from vcassay.arrays.template import Terms, left_out_products, part_products
from vcassay.claim import Split
from vcassay.effects import Effects
from vcassay.evidence.metrics.drawn import Drawn, resample
from vcassay.evidence.metrics.score import DRAWS
from vcassay.evidence.metrics.shares_wording import rest_title, shares_sentence, skill_sentence
from vcassay.evidence.metrics.template import Template, mask_sums, template_of
from vcassay.record.evidence import TemplateModelRecord, TemplatePartRecord, TemplateRecord

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

PARTS = ("common", "context", "perturbation", "interaction")
NOTHING = Estimate(np.nan, np.nan, np.nan, np.nan)
NOTHING_FOUND = "no measurable signal: none of these conditions has a detectable effect"
NO_SIGNAL = "no measurable signal: the true effects are not above noise"


def template_shares(
    effects: Effects,
    split: Split,
    predicted: Mapping[str, Array],
    seed: int,
    draws: int = DRAWS,
    template: Template | None = None,
) -> tuple[TemplateRecord, ...]:
    """Work out the shares of true energy, and of every model's own energy and score, in template and interaction.

    Parts are fitted on training effects against training controls; truth is the mean of split halves against
    scoring controls, and the true energy their cross-product. Cells and controls of the two are disjoint, so that
    neither noise nor the controls that a context's conditions share count as a part (see `vcassay.arrays.template`
    for the algebra). Training conditions are each compared with parts fitted without them, so that both
    records speak of the same thing: what other conditions tell.

    A model's effect is split into its components along the condition's common, context and conserved part,
    taken in this order and at any scale, and the rest. Its score is the cosine with the true effects,
    sum <d, t> / sqrt(sum |d|^2 sum |t|^2) over conditions (contexts weighing alike), to which the components
    contribute. A condition that it did not answer contributes nothing.

    Parameters
    ----------
    predicted
        Model to its (t, g) predicted effects.
    seed
        Seeds the resampling of perturbation families (and of contexts, as for scores). Intervals are given the
        fitted parts and, within few contexts, the controls that their conditions share.

    Returns
    -------
    The record of the test conditions, and that of the training conditions.
    """
    found = template_of(effects, split) if template is None else template
    return _of_test(effects, split, found, predicted, seed, draws), _of_training(effects, found, seed, draws)


def _of_test(
    effects: Effects, split: Split, found: Template, predicted: Mapping[str, Array], seed: int, draws: int
) -> TemplateRecord:
    energy, usable = _measured(effects, split.test)
    at = np.flatnonzero(usable)
    c, t, rows = found.context[at], found.treatment[at], split.test[at]
    record = TemplateRecord(
        conditions="test",
        n=len(at),
        n_left_out=len(usable) - len(at),
        n_context_known=int((c >= 0).sum()),
        n_perturbation_known=int((t >= 0).sum()),
    )
    if found.terms is None:
        return record.model_copy(update={"reason": "there are no training effects"})
    if not len(at):
        return record.model_copy(update={"reason": "no test condition has split halves and controls of its own"})
    if _undetected(effects, rows):
        return _silent(record)
    several = len(found.terms.context) > 1
    known = {"common": True, "context": bool(several and (c >= 0).any()), "perturbation": bool((t >= 0).any())}
    new = {"contexts": int((c < 0).sum()), "perturbations": int((t < 0).sum())}
    products = part_products(found.terms, c, t, effects.half_mean, effects.mask, rows)
    given = _rows_of(found.terms, c, t)
    columns = [*products.T, energy[at]]
    for values in predicted.values():
        columns += _of_model(values[at], effects.half_mean[rows], given, effects.mask[rows])
    drawn = resample(effects.conditions, rows, columns, seed, draws)
    parts, reason = _parts(drawn, known, rest_title(new, several=several))
    models = [row for i, name in enumerate(predicted) for row in _model_rows(drawn, name, 4 + 9 * i, known)]
    return record.model_copy(
        update={
            "parts": tuple(parts),
            "models": tuple(models),
            "sentence": shares_sentence(parts, "test", reason),
            "reason": reason,
        }
    )


def _of_training(effects: Effects, found: Template, seed: int, draws: int) -> TemplateRecord:
    energy, usable = _measured(effects, found.train)
    products = np.full((len(found.train), 3), np.nan)
    if found.terms is not None and found.design is not None:
        products = left_out_products(
            found.design, found.terms, effects.delta_train, effects.half_mean, effects.mask, found.train
        )
    alone = usable & np.isnan(products).any(axis=1)
    at = np.flatnonzero(usable & ~alone)
    record = TemplateRecord(
        conditions="training",
        n=len(at),
        n_left_out=int((~usable).sum()),
        n_alone=int(alone.sum()),
        n_context_known=len(at),
        n_perturbation_known=len(at),
    )
    if not len(at):
        why = "no treatment was trained in two contexts" if usable.any() else "no training condition has split halves"
        return record.model_copy(update={"reason": why})
    rows = found.train[at]
    if _undetected(effects, rows):
        return _silent(record)
    drawn = resample(effects.conditions, rows, [*products[at].T, energy[at]], seed, draws)
    parts, reason = _parts(drawn, dict.fromkeys(PARTS, True), "interaction of context and perturbation")
    sentence = shares_sentence(parts, "training", reason)
    return record.model_copy(update={"parts": tuple(parts), "sentence": sentence, "reason": reason})


def _undetected(effects: Effects, rows: Codes) -> bool:
    """Whether effects were sought and none found.

    Halves of the controls that a context's conditions share add the same product to the energy of each, which
    resampling conditions does not see: without effects it would pass for energy in a third of such contexts.
    """
    return bool(effects.assessed[rows].any() and not effects.detectable[rows].any())


def _silent(record: TemplateRecord) -> TemplateRecord:
    return record.model_copy(
        update={"reason": NOTHING_FOUND, "sentence": shares_sentence((), record.conditions, NOTHING_FOUND)}
    )


def _measured(effects: Effects, rows: Codes) -> tuple[Array, NDArray[np.bool_]]:
    """True energy of conditions, and which have it free of what training saw."""
    energy = mask_sums(effects.cross, effects.mask, rows)
    halved = np.isfinite(mask_sums(effects.half_mean, effects.mask, rows))
    return energy, np.isfinite(energy) & halved & ~effects.shared_control[rows]


def _rows_of(terms: Terms, context: Codes, treatment: Codes) -> tuple[Array, ...]:
    """(n, g) each: common, context and conserved part of every condition; 0 where unknown."""
    common = np.broadcast_to(terms.mean, (len(context), len(terms.mean)))
    pairs = ((context, terms.context), (treatment, terms.treatment))
    return common, *(np.where((codes >= 0)[:, None], term[codes], 0.0) for codes, term in pairs)


def _of_model(values: Array, truth: Array, given: tuple[Array, ...], mask: NDArray[np.bool_]) -> list[Array]:
    """Nine columns: agreement and energy along each part and beyond, and the whole energy."""
    present = np.asarray(np.isfinite(np.where(mask, values, 0.0)).all(axis=1))
    answer = np.where(present[:, None] & mask, values, 0.0)
    split = along(truth, answer, given, mask)
    return [*split.agreement.T, *split.energy.T, split.energy.sum(axis=1)]


def _parts(drawn: Drawn, known: Mapping[str, bool], rest: str) -> tuple[list[TemplatePartRecord], str]:
    titles = {
        "common": "common to all perturbations",
        "context": "common to a context's perturbations",
        "perturbation": "conserved over a perturbation's contexts",
        "interaction": rest,
    }
    weight = dict(zip(PARTS, [*np.eye(3, 4), np.array([-1.0, -1.0, -1.0, 1.0])], strict=True))
    rows = []
    for part in PARTS:
        e = drawn.ratio(drawn.over(weight[part]), [3]) if known.get(part, True) else NOTHING
        rows.append(TemplatePartRecord(part=part, title=titles[part], share=e.value, low=e.low, high=e.high))
    return rows, NO_SIGNAL if rows[-1].share is None else ""


def _model_rows(drawn: Drawn, name: str, first: int, known: Mapping[str, bool]) -> list[TemplateModelRecord]:
    whole, rows = drawn.plain[first + 8], []
    for k, part in enumerate(PARTS):
        if known.get(part, True):
            own = float(drawn.plain[first + 4 + k] / whole) if whole > 0 else None
            e = drawn.ratio(drawn.over(np.ones(1), first + k), [first + 8, 3], power=0.5)
        else:
            own, e = None, NOTHING
        rows.append(TemplateModelRecord(model=name, part=part, own=own, score=e.value, low=e.low, high=e.high))
    rows[-1] = rows[-1].model_copy(update={"sentence": skill_sentence(rows)})
    return rows
