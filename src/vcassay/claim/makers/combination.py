"""Combinations: held out with 0, 1 or 2 of their parts seen; GEARS' simulation split."""

from __future__ import annotations

import numpy as np

from vcassay.claim.makers.draw import draw, held_out, parts_of
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime


def combinations(conditions: Conditions, *, seen: int, fraction: float, seed: int) -> Split:
    """Hold out combinations of which exactly ``seen`` parts are trained, alone or in company.

    With all parts seen, a share of the combinations is held out and every single is training. With
    fewer, a share of the perturbations is never trained: combinations with the right number of
    trained parts are test, everything else that contains an untrained one is excluded.

    Raises
    ------
    InputError
        If there are no combinations, or none with that many trained parts.
    """
    double = np.array([len(p) > 1 for p in conditions.parts], dtype=bool)
    if not double.any():
        raise InputError("there are no combinations", where="[split] make", mend="use another split")
    if seen >= 2:
        held = set(draw(conditions.perturbation[double].tolist(), fraction, seed))
        test = double & np.isin(conditions.perturbation, sorted(held))
        trained = {p for parts, out in zip(conditions.parts, test, strict=True) if not out for p in parts}
        lost = np.array([not set(p) <= trained for p in conditions.parts], dtype=bool)
        return Split(conditions, held_out(test & ~lost, test & lost), Regime.COMBINATION, seed, "combination")
    unseen = set(draw(parts_of(conditions), fraction, seed))
    known = np.array([sum(p not in unseen for p in parts) for parts in conditions.parts])
    touched = np.array([bool(unseen.intersection(parts)) for parts in conditions.parts], dtype=bool)
    test = double & touched & (known == seen)
    if not test.any():
        what = f"no combination has {seen} of its parts trained"
        raise InputError(what, where="[split] seen", mend="change [split] fraction, seed or seen")
    return Split(conditions, held_out(test, touched & ~test), Regime.COMBINATION, seed, "combination")


def gears_simulation(
    conditions: Conditions, *, seed: int, train_genes: float = 0.75, train_doubles: float = 0.75
) -> Split:
    """GEARS' "simulation" split: genes are divided first, then conditions by what was seen of them.

    Singles of the held-out genes are test (unseen single); doubles with one or no seen gene are test
    (seen 1, seen 0); of doubles with both genes seen a share is training, the rest test (seen 2).
    The lists follow from the set of genes and the seed, not from the order of the conditions.
    """
    genes = parts_of(conditions)
    held = set(draw(genes, 1.0 - train_genes, seed))
    unseen = np.array([sum(p in held for p in parts) for parts in conditions.parts])
    double = np.array([len(p) > 1 for p in conditions.parts], dtype=bool)
    test = unseen > 0
    inside = sorted(set(conditions.perturbation[double & (unseen == 0)].tolist()))
    if len(inside) > 1:
        out = draw(inside, 1.0 - train_doubles, seed)
        test |= double & (unseen == 0) & np.isin(conditions.perturbation, out)
    return Split(conditions, held_out(test), None, seed, "gears simulation")
