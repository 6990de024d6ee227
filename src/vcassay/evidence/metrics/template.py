"""Template: what training effects alone foretell of each test condition (methods 17)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import masked_sum
from vcassay.arrays.template import Design, Terms, fit_template, make_design, predict_template
from vcassay.claim import Split
from vcassay.effects import Effects

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

ROWS = 4096
"""Conditions whose genes are looked through at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Mean + context term + conserved effect of the treatment, fitted to training effects.

    Attributes
    ----------
    values
        (t, g) template of the test conditions, terms that training does not know left out; NaN without training.
    context, treatment
        (t,) codes of the test conditions among the training contexts and treatments; -1 where unknown.
    train
        Positions of the training conditions that were fitted.
    design, terms
        The fit; ``None`` without training.
    """

    values: Array
    context: Codes
    treatment: Codes
    train: Codes
    design: Design | None
    terms: Terms | None


def template_of(effects: Effects, split: Split) -> Template:
    """Fit the template to training effects, against the controls left to training.

    A treatment is a perturbation at a dose and time. Every training condition weighs the same. A new
    context has the mean over contexts, a new treatment that over treatments: nothing of the test conditions, not
    even their controls, is looked at.
    """
    table, train, test = effects.conditions, split.train, split.test
    train = train[np.isfinite(mask_sums(effects.delta_train, effects.mask, train))]
    treatments = table.treatments
    contexts = {c: i for i, c in enumerate(sorted(set(table.context[train].tolist())))}
    known = {t: i for i, t in enumerate(sorted({treatments[i] for i in train.tolist()}))}
    context = np.array([contexts.get(c, -1) for c in table.context[test].tolist()], dtype=np.int64)
    treatment = np.array([known.get(treatments[i], -1) for i in test.tolist()], dtype=np.int64)
    if not len(train):
        nothing = np.full((len(test), effects.delta_train.shape[1]), np.nan)
        return Template(nothing, context, treatment, train, None, None)
    design = make_design(
        np.array([contexts[c] for c in table.context[train].tolist()], dtype=np.int64),
        np.array([known[treatments[i]] for i in train.tolist()], dtype=np.int64),
    )
    terms = fit_template(design, effects.delta_train, train)
    return Template(predict_template(terms, context, treatment), context, treatment, train, design, terms)


def mask_sums(values: Array, mask: NDArray[np.bool_], rows: Codes) -> Array:
    """(n,) sums over the mask of some rows, a few at a time; NaN where a value on the mask is."""
    out = np.empty(len(rows))
    for start in range(0, len(rows), ROWS):
        at = rows[start : start + ROWS]
        out[start : start + ROWS] = masked_sum(values[at], mask[at])
    return out
