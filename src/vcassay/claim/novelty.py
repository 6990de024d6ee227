"""Novelty: what is really unseen about each test condition, worked out from the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import join, seen, seen_otherwise
from vcassay.claim.batch_sides import BatchSides, find_sides
from vcassay.claim.condition_codes import ConditionCodes, code_conditions
from vcassay.claim.kind import gene_of, is_drug
from vcassay.claim.related import Related
from vcassay.claim.split import Role, Split
from vcassay.core import STRENGTH, Conditions, Regime, Threshold

SHARE_COVERED = Threshold(
    "claim_share", 0.95, "the claim is the weakest regime once 5 % of stray conditions are set aside"
)

Text = NDArray[np.str_]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """Novelty of each test condition.

    Attributes
    ----------
    test
        (t,) positions in the split's table.
    regime
        (t,) a `Regime` each.
    perturbation
        (t,) ``seen`` (this treatment, in some context), ``other dose``, ``other time``, ``k of m parts seen`` (of a
        combination), ``seen in combinations``, ``other modality`` (of the same name), ``analogue`` (kin was trained)
        or ``unseen``.
    context
        (t,) ``seen``, ``sibling`` (unseen, but kin of it was trained) or ``unseen``; shown with k perturbations
        counts as seen.
    modality, batch
        (t,) ``seen`` or ``unseen``; ``not stated`` and ``not compared`` where the tables do not tell.
    shots, shots_share
        (t,) training perturbations in the test context, and their share of those measured there.
    shots_conditions
        (t,) the same share of conditions: doses and times count on their own.
    shots_val
        (t,) perturbations shown for validation alone.
    elsewhere
        (t,) whether the same treatment is trained in another context.
    other_dose
        (t,) whether the same perturbation is trained in the same context at another dose or time.
    inside
        (t,) whether the dose (under the regime of times, the time) lies between two that are trained of the same
        perturbation in the same context.
    parts_seen
        (t,) how many parts of the perturbation are trained on their own or in company.
    kin
        (t,) trained kin of the perturbation or context, for the eye; empty where there is none.
    compared
        What perturbations were compared by; empty where only their names were.
    """

    test: Codes
    regime: Text
    perturbation: Text
    context: Text
    modality: Text
    batch: Text
    shots: Codes
    shots_share: NDArray[np.float64]
    shots_conditions: NDArray[np.float64]
    shots_val: Codes
    elsewhere: Flags
    other_dose: Flags
    inside: Flags
    parts_seen: Codes
    kin: tuple[str, ...]
    compared: str = ""
    compared_share: float = 0.0
    unlisted: bool = False
    """Whether the source lists no training conditions, and what it says of them was taken instead."""

    def overall(self, share: float | None = None) -> Regime | None:
        """Return the weakest regime that covers the share asked for; ``None`` without test conditions."""
        if not len(self.test):
            return None
        wanted = SHARE_COVERED.value if share is None else share
        rank = np.array([STRENGTH.index(Regime(r)) for r in self.regime.tolist()])
        for strength in range(len(STRENGTH) - 1, -1, -1):
            if is_stray(int((rank < strength).sum()), len(rank), wanted) and (rank == strength).any():
                return STRENGTH[strength]
        return STRENGTH[int(rank.min())]


def is_stray(count: int, total: int, covered: float) -> bool:
    """Whether so many test conditions may be set aside by a claim that covers a share of them."""
    return count <= (1.0 - covered) * total + 1e-9


def find_novelty(
    split: Split, related: Related | None = None, batches: Sequence[Sequence[str]] | None = None
) -> Novelty:
    """Compare every test condition with the training conditions.

    The split's declared regime is not looked at.

    Parameters
    ----------
    related
        Kin among perturbations and contexts; without it nothing is an analogue or a sibling.
    batches
        The batches that the rows of each condition of the table come from.
    """
    table, test, train = split.conditions, split.test, split.train
    same_cells = np.zeros(len(table), dtype=bool)
    same_cells[split.both_sides] = True
    c = code_conditions(table)
    known = seen(c.identity, train)[test]
    context_seen = seen(c.context, train)[test]
    here = seen(join(c.identity, c.context), train)[test] & ~same_cells[test]
    elsewhere = seen_otherwise(c.treatment, c.context, train)[test]
    modality_seen = seen(c.modality, train)[test]
    stated = c.has_modality[test] & c.has_modality[train].any()
    parts_seen, n_parts, name_seen = _parts(table, c, train, test)
    drug, several = is_drug(table)[test], n_parts > 1
    other_time = here & seen(join(c.identity, c.dose, c.context), train)[test]
    unlisted = split.meta.get("unlisted")
    if unlisted is not None:  # the file names what is held out of contexts that are otherwise trained
        context_seen |= np.isin(table.context[test], sorted(unlisted))
        known, elsewhere = np.ones(len(test), dtype=bool), np.ones(len(test), dtype=bool)

    regime = np.select(
        [
            same_cells[test],
            ~context_seen & known,
            ~context_seen,
            other_time & ~elsewhere,
            here & ~elsewhere,
            known,
            stated & ~modality_seen,
            several | (parts_seen == 1),  # a part of trained combinations is no unseen gene
            drug,
        ],
        [
            Regime.RANDOM_CELLS,
            Regime.CEX,
            Regime.AEX,
            Regime.TIME,
            Regime.DOSE,
            Regime.FEW_SHOT,
            Regime.MODALITY,
            Regime.COMBINATION,
            Regime.DEX,
        ],
        Regime.GEX,
    )
    own = frozenset(p for i in train for p in table.parts[i])
    kin_of = related.analogues(own) if related else {}
    kin = [
        ", ".join(dict.fromkeys(k for p in table.parts[i] for k in kin_of.get(p, ()))) if not several[j] else ""
        for j, i in enumerate(test.tolist())
    ]
    analogue = np.array([bool(k) for k in kin], dtype=bool)
    dose_seen = seen(join(c.identity, c.dose), train)[test]
    counted = np.array([f"{k} of {m} parts seen" for k, m in zip(parts_seen.tolist(), n_parts.tolist(), strict=True)])
    perturbation = np.select(
        [
            same_cells[test] | elsewhere,
            known & dose_seen,
            known,
            several,
            parts_seen == 1,
            name_seen,
            analogue,
        ],
        ["seen", "other time", "other dose", counted if len(counted) else "", "seen in combinations", "other modality",
         "analogue"],
        "unseen",
    )  # fmt: skip
    sibling_of = related.siblings(frozenset(table.context[train].tolist())) if related else {}
    context = np.where(context_seen, "seen", "unseen").astype("<U7")
    for j, name in enumerate(table.context[test].tolist()):
        if not context_seen[j] and name in sibling_of:
            context[j] = "sibling"
            kin[j] = "; ".join(x for x in (kin[j], ", ".join(sibling_of[name])) if x)
    shots, share, by_condition = _shots(c, np.flatnonzero(_taught(split)), test)
    shots_val = _shots(c, train, test)[0] - shots
    return Novelty(
        test,
        regime.astype(str),
        perturbation.astype(str),
        context,
        np.where(stated, np.where(modality_seen, "seen", "unseen"), "not stated"),
        _batches(find_sides(split, batches), test),
        shots,
        share,
        by_condition,
        shots_val,
        elsewhere,
        here,
        _inside(table, c, train, test, regime),
        parts_seen,
        tuple(kin),
        related.compared if related else "",
        related.share if related else 0.0,
        unlisted is not None,
    )


def _taught(split: Split) -> Flags:
    """(n,) conditions that a model learns from, validation aside."""
    taught = np.asarray(split.roles == Role.TRAIN.value)
    taught[split.both_sides] = True
    return taught


def _parts(table: Conditions, c: ConditionCodes, train: Codes, test: Codes) -> tuple[Codes, Codes, Flags]:
    """(t,) parts that are trained with the same modality, parts in all, and whether all are with any modality."""
    rows = zip(c.modality[train].tolist(), (table.parts[i] for i in train), strict=True)
    have = {(m, p) for m, parts in rows for p in parts}
    names = {gene_of(p) for _, p in have}
    count, total, by_name = [], [], []
    for m, i in zip(c.modality[test].tolist(), test.tolist(), strict=True):
        parts = table.parts[i]
        count.append(sum((m, p) in have for p in parts))
        total.append(len(parts))
        by_name.append(all(gene_of(p) in names for p in parts))
    return np.array(count, dtype=np.int64), np.array(total, dtype=np.int64), np.array(by_name, dtype=bool)


def _shots(c: ConditionCodes, train: Codes, test: Codes) -> tuple[Codes, NDArray[np.float64], NDArray[np.float64]]:
    """(t,) perturbations shown in the test context, their share of those measured there, and that of conditions."""
    k = int(c.context.max(initial=-1)) + 1
    pair = join(c.parts, c.context)

    def perturbations(at: Codes) -> Codes:
        _, first = np.unique(pair[at], return_index=True)
        return np.bincount(c.context[at][first], minlength=k)

    every = np.arange(len(c.context))
    shown, measured = perturbations(train), perturbations(every)
    conditions = np.bincount(c.context[train], minlength=k) / np.maximum(np.bincount(c.context, minlength=k), 1)
    at = c.context[test]
    return shown[at], shown[at] / np.maximum(measured[at], 1), conditions[at]


def _inside(table: Conditions, c: ConditionCodes, train: Codes, test: Codes, regime: Text) -> Flags:
    """(t,) whether the dose or time lies between two that are trained of the perturbation in the context."""
    pair = join(c.identity, c.context)
    inside = np.zeros(len(test), dtype=bool)
    for kind, value in ((Regime.DOSE, table.dose), (Regime.TIME, table.time)):
        low = np.full(int(pair.max(initial=-1)) + 1, np.inf)
        high = np.full(len(low), -np.inf)
        known = train[np.isfinite(value[train])]
        np.minimum.at(low, pair[known], value[known])
        np.maximum.at(high, pair[known], value[known])
        at = pair[test]
        inside |= (regime == kind) & (low[at] < value[test]) & (value[test] < high[at])
    return inside


def _batches(sides: BatchSides | None, test: Codes) -> Text:
    """(t,) whether any batch of the test rows holds training rows."""
    if sides is None or len(sides.names) < 2:
        return np.full(len(test), "not compared")
    trained = np.isin(sides.test.batch, sides.train.batch)
    return np.where(np.isin(test, sides.test.condition[trained]), "seen", "unseen").astype("<U12")
