"""Coding: contexts and treatments of training conditions as numbers, and how others are made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.treatment import Treatment, treatments

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


class Coding:
    """Codes of training contexts and treatments, both sorted.

    Attributes
    ----------
    contexts, treatments
        C names and T treatments, to their codes.
    context, treatment
        (n,) codes of the training conditions.
    """

    def __init__(self, train: Conditions) -> None:
        keys = treatments(train)
        self.contexts = {c: i for i, c in enumerate(sorted(set(train.context.tolist())))}
        self.treatments: dict[Treatment, int] = {t: i for i, t in enumerate(sorted(set(keys)))}
        self.context = np.array([self.contexts[c] for c in train.context.tolist()], dtype=np.int64)
        self.treatment = np.array([self.treatments[t] for t in keys], dtype=np.int64)

    @property
    def rows(self) -> Codes:
        """(C, T) training row of each pair; -1 where it was not trained."""
        out = np.full((len(self.contexts), len(self.treatments)), -1, dtype=np.int64)
        out[self.context, self.treatment] = np.arange(len(self.context))
        return out

    def of(self, wanted: Conditions) -> tuple[Codes, Codes]:
        """(m,) codes of the context and the treatment; -1 where not trained."""
        context = [self.contexts.get(c, -1) for c in wanted.context.tolist()]
        treatment = [self.treatments.get(t, -1) for t in treatments(wanted)]
        return np.array(context, dtype=np.int64), np.array(treatment, dtype=np.int64)

    def terms(self, wanted: Conditions) -> tuple[csr_array, Array]:
        """How wanted treatments are made of trained ones.

        Returns
        -------
        (m, T) how often each treatment's term counts, and (m,) how often what all treatments share (mean, context)
        counts: a combination that was not trained is the sum of its parts' effects, a part that is not known having a
        term of 0. Of what nothing is known, the row is empty and the count 1.
        """
        row, column, times = [], [], np.ones(len(wanted))
        for i, key in enumerate(treatments(wanted)):
            at = self.treatments.get(key)
            found = [at] if at is not None else self._parts(key)
            if at is None and found:
                times[i] = len(key.parts)
            row += [i] * len(found)
            column += found
        shape = (len(wanted), len(self.treatments))
        return csr_array((np.ones(len(row)), (np.array(row, int), np.array(column, int))), shape=shape), times

    def means(self, effects: Array, wanted: Conditions, unknown: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Unweighted means of (n, g) training effects over the contexts that have a treatment.

        A combination that was not trained is the sum of its parts' means, ``unknown`` (g,) standing for a part that is
        not known, as the mean effect does in scPerturBench, and for what nothing is known of.

        Returns
        -------
        (m, g) means, and (m,) whether anything is known.
        """
        pick, times = self.terms(wanted)
        count = np.bincount(self.treatment)
        at = self.treatment, np.arange(len(effects))
        average = csr_array((1.0 / count[self.treatment], at), shape=(len(count), len(effects)))
        found = pick.sum(axis=1)
        return np.asarray((pick @ average) @ effects + (times - found)[:, None] * unknown), np.asarray(found > 0)

    def _parts(self, treatment: Treatment) -> list[int]:
        """Codes of the trained single perturbations of a combination, at its dose and time."""
        if len(treatment.parts) < 2:
            return []
        return [self.treatments[t] for p in treatment.parts if (t := treatment.of_part(p)) in self.treatments]
