"""Novelty: what is really unseen about each test condition, worked out from the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.split import Split
from vcassay.core import STRENGTH, Regime, Threshold

SHARE_COVERED = Threshold(
    "claim_share", 0.95, "the claim is the weakest regime once 5 % of stray conditions are set aside"
)

Text = NDArray[np.str_]


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
        (t,) ``seen``, ``other dose``, ``parts seen`` (of a combination) or ``unseen``.
    context
        (t,) ``seen`` or ``unseen``; shown with k perturbations counts as seen.
    shots, shots_share
        (t,) training perturbations in the test context, and their share of those measured there.
    elsewhere
        (t,) whether the same treatment is trained in another context.
    other_dose
        (t,) whether the same perturbation is trained in the same context at another dose.
    parts_seen
        (t,) how many parts of the perturbation are trained on their own or in company.
    """

    test: NDArray[np.int64]
    regime: Text
    perturbation: Text
    context: Text
    shots: NDArray[np.int64]
    shots_share: NDArray[np.float64]
    elsewhere: NDArray[np.bool_]
    other_dose: NDArray[np.bool_]
    parts_seen: NDArray[np.int64]

    def overall(self) -> Regime | None:
        """Return the weakest regime that covers the share asked for; ``None`` without test conditions."""
        if not len(self.test):
            return None
        rank = np.array([STRENGTH.index(Regime(r)) for r in self.regime.tolist()])
        for strength in range(len(STRENGTH) - 1, -1, -1):
            if (rank >= strength).mean() >= SHARE_COVERED.value and (rank == strength).any():
                return STRENGTH[strength]
        return STRENGTH[int(rank.min())]


def find_novelty(split: Split) -> Novelty:
    """Compare every test condition with the training conditions.

    The split's declared regime is not looked at.
    """
    table = split.conditions
    keys, test, train = table.keys, split.test, split.train
    train_keys = [keys[i] for i in train]
    treatments_by_context: dict[tuple[object, ...], set[str]] = {}
    contexts_of_parts: dict[tuple[str, ...], set[str]] = {}
    shown: dict[str, set[tuple[str, ...]]] = {}
    seen_parts: set[str] = set()
    for context, parts, dose, time in train_keys:
        treatments_by_context.setdefault((parts, dose, time), set()).add(context)
        contexts_of_parts.setdefault(parts, set()).add(context)
        shown.setdefault(context, set()).add(parts)
        seen_parts.update(parts)
    measured: dict[str, set[tuple[str, ...]]] = {}
    for context, parts, _, _ in keys:
        measured.setdefault(context, set()).add(parts)

    rows = []
    random_cells = bool(split.test_shards)
    drug = _is_drug(split)
    for i in test:
        context, parts, dose, time = keys[i]
        shots = len(shown.get(context, ()))
        elsewhere = bool(treatments_by_context.get((parts, dose, time), set()) - {context})
        known_in = contexts_of_parts.get(parts, set())
        other_dose = context in known_in and not random_cells
        parts_seen = sum(p in seen_parts for p in parts)
        if known_in:
            word = "seen" if elsewhere or random_cells else "other dose"
        else:
            word = "parts seen" if len(parts) > 1 and parts_seen else "unseen"
        regime = _regime(
            random_cells=random_cells,
            context_seen=shots > 0,
            known=bool(known_in),
            here=other_dose,
            combination=len(parts) > 1,
            drug=bool(drug[i]),
        )
        share = shots / len(measured[context])
        state = "seen" if shots else "unseen"
        rows.append((regime, word, state, shots, share, elsewhere, other_dose, parts_seen))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    return Novelty(
        test,
        np.array(columns[0], dtype=str),
        np.array(columns[1], dtype=str),
        np.array(columns[2], dtype=str),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=np.float64),
        np.array(columns[5], dtype=bool),
        np.array(columns[6], dtype=bool),
        np.array(columns[7], dtype=np.int64),
    )


def _regime(
    *, random_cells: bool, context_seen: bool, known: bool, here: bool, combination: bool, drug: bool
) -> Regime:
    """Name the regime of one condition."""
    if random_cells:
        return Regime.RANDOM_CELLS
    if not context_seen:
        return Regime.CEX if known else Regime.AEX
    if here:
        return Regime.DOSE
    if known:
        return Regime.FEW_SHOT
    if combination:
        return Regime.COMBINATION
    return Regime.DEX if drug else Regime.GEX


def _is_drug(split: Split) -> NDArray[np.bool_]:
    """Whether each condition is a compound: its modality says so, or it has a dose or a structure."""
    table = split.conditions
    words = np.char.lower(table.modality.astype(str))
    by_name = np.array([any(x in w for x in ("drug", "chem", "compound", "small")) for w in words.tolist()], dtype=bool)
    structure = np.zeros(len(table), dtype=bool)
    if "smiles" in table.annotation:
        structure = np.asarray(table.annotation["smiles"] != "")
    unnamed = words == ""
    return np.asarray(by_name | (unnamed & (np.isfinite(table.dose) | structure)))
