"""Match: a model's answers brought to the wanted conditions and scored genes, as effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.core import Conditions, InputError
from vcassay.core.errors import first
from vcassay.effects import Effects
from vcassay.prediction.cells import SampledCells
from vcassay.prediction.genes import match_genes
from vcassay.prediction.materials import NO_MATERIALS, Materials
from vcassay.prediction.prediction import Prediction, Space
from vcassay.prediction.sheet import attribute, place
from vcassay.record.disclosure import Disclosure

Array = NDArray[np.float64]

OK, MISSING, ABSTAINED = "ok", "missing", "abstained"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one model says of the wanted conditions.

    Attributes
    ----------
    name
        The model.
    role
        ``submission``, ``baseline``, ``probe`` or ``reference``.
    values
        (t, g) predicted effects in the screen's gene order; NaN where nothing was predicted.
    state
        (t,) ``ok``, ``missing`` (no row) or ``abstained`` (a row of NaN).
    genes
        (g,) which genes were predicted at all.
    profile
        (t, g) the predicted profile, where one was handed in; ``None`` otherwise.
    disclosure, materials, notes
        As declared, with the files handed in, and what was mapped.
    ablations
        The same model with disturbed inputs.
    seeds
        The same model trained with other seeds.
    source, space
        Where it came from.
    noise
        (t, g) sampling variance of the predicted means, 0 where nothing was predicted; ``None`` for a prediction
        without any.
    cells
        Name to (t,) comparison of predicted with measured cells; ``None`` for a model without cells.
    sampled
        The predicted cells, by wanted condition and the screen's genes; ``None`` where none were handed in.
    embedding
        (n, d) where the model places each of the screen's n conditions, training ones among them; NaN where it does
        not say. ``None`` for a model without representations.
    attribution
        (t, g) how much each gene counts for the answer to each wanted condition, by its magnitude; NaN where the model
        does not say. ``None`` where none were handed in.
    """

    name: str
    role: str
    values: Array
    state: NDArray[np.str_]
    genes: NDArray[np.bool_]
    profile: Array | None = None
    disclosure: Disclosure = field(default_factory=Disclosure)
    materials: Materials = NO_MATERIALS
    notes: tuple[str, ...] = ()
    ablations: Mapping[str, Answer] = field(default_factory=dict)
    seeds: tuple[Answer, ...] = ()
    source: str = ""
    space: str = Space.DELTA.value
    noise: Array | None = None
    cells: Mapping[str, Any] | None = None
    sampled: SampledCells | None = None
    embedding: Array | None = None
    attribution: Array | None = None


def match_prediction(prediction: Prediction, effects: Effects, test: NDArray[np.int64]) -> Answer:
    """Bring a prediction to the test conditions.

    A predicted profile becomes an effect by subtracting the measured control that the model may
    have seen: never the reserved scoring controls, whose noise the truth carries.

    Parameters
    ----------
    prediction
        What was read.
    effects
        The measured screen.
    test
        Positions of the wanted conditions.

    Raises
    ------
    InputError
        If fewer than half of the scored genes, or none of the wanted conditions, are predicted, or what is handed in
        beside the predictions speaks of no condition or gene of the screen.
    """
    where = str(prediction.path or prediction.name)
    columns, notes = match_genes(prediction.genes, prediction.aliases, effects, where)
    wanted = effects.conditions.take(test)
    at, more = _match_conditions(prediction.conditions, wanted, where)
    notes += more
    t, g = len(wanted), len(effects.genes)
    values = np.full((t, g), np.nan)
    found = np.flatnonzero(at >= 0)
    predicted = columns >= 0
    block = np.full((len(found), g), np.nan)
    block[:, predicted] = prediction.values[at[found]][:, columns[predicted]]
    values[found] = block
    state = np.where(at >= 0, OK, MISSING).astype("<U9")
    state[(at >= 0) & np.isnan(values[:, predicted]).any(axis=1)] = ABSTAINED
    if (state == MISSING).any():
        lost = [i for i, s in zip(wanted.ids, state, strict=True) if s == MISSING]
        notes.append(f"{len(lost)} of {t} test conditions are not predicted and count as abstentions ({first(lost)})")
    profile = None
    if prediction.space is Space.EXPRESSION:
        profile = values
        control, words = _seen_control(prediction.disclosure, effects)
        values = values - control[test]
        notes.append(f"effects are the predicted profiles minus {words}")
    embedding, placed = place(prediction.embeddings, effects.conditions)
    attribution, attributed = attribute(prediction.attributions, wanted, effects)
    return Answer(
        name=prediction.name,
        role="submission",
        values=values,
        state=state,
        genes=predicted,
        profile=profile,
        disclosure=prediction.disclosure,
        materials=prediction.materials,
        notes=(*prediction.notes, *notes, *placed, *attributed),
        ablations={k: match_prediction(p, effects, test) for k, p in prediction.ablations.items()},
        seeds=tuple(match_prediction(p, effects, test) for p in prediction.seeds),
        source=str(prediction.path or ""),
        space=prediction.space.value,
        noise=None if prediction.noise is None else _noise(prediction.noise, at, columns),
        sampled=None if prediction.sampled is None else prediction.sampled.wanted(at, columns),
        embedding=embedding,
        attribution=attribution,
    )


def _noise(variance: Array, at: NDArray[np.int64], columns: NDArray[np.int64]) -> Array:
    """(t, g) sampling variance of the wanted conditions and genes; 0 where nothing was predicted."""
    out = np.where((at >= 0)[:, None] & (columns >= 0), variance[np.ix_(at, columns)], 0.0)
    return np.where(np.isfinite(out), out, 0.0)


def _seen_control(disclosure: Disclosure, effects: Effects) -> tuple[Array, str]:
    """Control profile that a model's profile stands on."""
    if bool(effects.shared_control.all()):
        return effects.control, "the screen's controls (too few to reserve any for scoring)"
    if disclosure.controls == "training":
        return effects.control_train, "the controls left to training"
    every = tuple(range(N_SHARDS))
    why = "as it declares" if disclosure.controls == "all" else "which controls it saw is not declared"
    if disclosure.controls == "none":
        why = "it declares to have seen none"
    return effects.moments.control(every, every), f"all measured controls ({why})"


def _match_conditions(have: Conditions, wanted: Conditions, where: str) -> tuple[NDArray[np.int64], list[str]]:
    """(t,) row of each wanted condition; fields that a prediction lacks must be implied by the rest."""
    at, notes = _locate(have, wanted)
    if not (at >= 0).any():
        what = (
            f"predicts none of the {len(wanted)} test conditions (wanted: {first(wanted.ids)}; has: {first(have.ids)})"
        )
        raise InputError(what, where=where, mend="use the screen's labels, and a column for its context and dose")
    extra = len(have) - len(np.unique(at[at >= 0]))
    if extra:
        notes.append(f"{extra} predicted conditions are no test conditions and were left out")
    return at, notes


def locate_conditions(have: Conditions, wanted: Conditions) -> NDArray[np.int64]:
    """(t,) row of each wanted condition in a prediction, -1 where absent.

    What does not match as it is is matched without the fields that the prediction does not have
    (context, dose, time), if the rest is unambiguous.
    """
    return _locate(have, wanted)[0]


def _locate(have: Conditions, wanted: Conditions) -> tuple[NDArray[np.int64], list[str]]:
    """As `locate_conditions`, and what was left out of the match."""
    at = have.locate(wanted)
    if (at >= 0).all():
        return at, []
    loose, words = _match_loosely(have, wanted)
    helped = (at < 0) & (loose >= 0)
    return np.where(helped, loose, at), words if helped.any() else []


def _match_loosely(have: Conditions, wanted: Conditions) -> tuple[NDArray[np.int64], list[str]]:
    """Match without the fields that the prediction does not have, where that is unambiguous."""
    no_context = len(set(have.context.tolist())) == 1 and not set(have.context.tolist()) & set(wanted.context.tolist())
    if no_context and len(set(wanted.context.tolist())) > 1:
        return np.full(len(wanted), -1), []
    no_dose, no_time = bool(np.isnan(have.dose).all()), bool(np.isnan(have.time).all())

    def key(k: tuple[str, tuple[str, ...], float, float]) -> tuple[object, ...]:
        return ("" if no_context else k[0], k[1], -1.0 if no_dose else k[2], -1.0 if no_time else k[3])

    keys = [key(k) for k in wanted.keys]
    if len(set(keys)) < len(keys):
        return np.full(len(wanted), -1), []
    position = {key(k): i for i, k in enumerate(have.keys)}
    dropped = [w for w, no in (("context", no_context), ("dose", no_dose), ("time", no_time)) if no]
    at = np.array([position.get(k, -1) for k in keys], dtype=np.int64)
    return at, [f"has no {', '.join(dropped)}: matched by the rest, which is unambiguous"] if dropped else []
