"""Coding: contexts and treatments of training conditions as numbers, and how others are made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.claim.kind import modality_of
from vcassay.core import Conditions

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Treatment = tuple[tuple[str, ...], float, float]
"""Parts, dose and time, whatever the context."""
Identity = tuple[str, Treatment]
"""Modality and treatment: a gene knocked down and activated, each in other contexts, is two treatments."""


def identities(conditions: Conditions) -> list[Identity]:
    """Modality and treatment of each condition; two that differ in the first are not the same, as in the claim."""
    return list(zip(modality_of(conditions).tolist(), conditions.treatments, strict=True))


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
        keys = identities(train)
        self.contexts = {c: i for i, c in enumerate(sorted(set(train.context.tolist())))}
        self.treatments: dict[Identity, int] = {t: i for i, t in enumerate(sorted(set(keys)))}
        self.context = np.array([self.contexts[c] for c in train.context.tolist()], dtype=np.int64)
        self.treatment = np.array([self.treatments[t] for t in keys], dtype=np.int64)
        self.singles: dict[Treatment, list[int]] = {}
        for (_, treatment), code in self.treatments.items():
            if len(treatment[0]) == 1:
                self.singles.setdefault(treatment, []).append(code)
        self.kinds = {kind for kind, treatment in self.treatments if len(treatment[0]) == 1}

    @property
    def rows(self) -> Codes:
        """(C, T) training row of each pair; -1 where it was not trained."""
        out = np.full((len(self.contexts), len(self.treatments)), -1, dtype=np.int64)
        out[self.context, self.treatment] = np.arange(len(self.context))
        return out

    def of(self, wanted: Conditions) -> tuple[Codes, Codes]:
        """(m,) codes of the context and the treatment; -1 where not trained."""
        context = [self.contexts.get(c, -1) for c in wanted.context.tolist()]
        treatment = [self.treatments.get(t, -1) for t in identities(wanted)]
        return np.array(context, dtype=np.int64), np.array(treatment, dtype=np.int64)

    def terms(self, wanted: Conditions) -> tuple[csr_array, Array]:
        """How wanted treatments are made of trained ones.

        Returns
        -------
        (m, T) how often each treatment's term counts, and (m,) how often what all treatments share (mean, context)
        counts: a combination that was not trained is the sum of its parts' effects, a part that is not known having a
        term of 0. Parts are those of the combination's own modality, unless no single perturbation has that: then the
        mean over modalities. Of what nothing is known, the row is empty and the count 1.
        """
        entries: list[tuple[int, int, float]] = []
        times = np.ones(len(wanted))
        for i, key in enumerate(identities(wanted)):
            at = self.treatments.get(key)
            found = [(at, 1.0)] if at is not None else self._parts(key)
            if at is None and found:
                times[i] = len(key[1][0])
            entries += [(i, code, share) for code, share in found]
        table = np.array(entries).reshape(-1, 3)
        at_entry = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        return csr_array((table[:, 2], at_entry), shape=(len(wanted), len(self.treatments))), times

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

    def _parts(self, identity: Identity) -> list[tuple[int, float]]:
        """Codes of the trained single perturbations of a combination, at its dose and time, and their shares."""
        kind, (parts, dose, time) = identity
        if len(parts) < 2:
            return []
        found: list[tuple[int, float]] = []
        for part in parts:
            single = ((part,), dose, time)
            own = self.treatments.get((kind, single))
            codes = self.singles.get(single, []) if kind not in self.kinds else [] if own is None else [own]
            found += [(code, 1.0 / len(codes)) for code in codes]
        return found
