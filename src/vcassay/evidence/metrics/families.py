"""Families: what is resampled together because it does not respond independently."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import FAMILIES_TO_RESAMPLE
from vcassay.claim.related import Related
from vcassay.core import Conditions, Threshold

MAX_FAMILY_SHARE = Threshold(
    "max_family_share", 0.2, "a chain of kin that joins a fifth of the test conditions is no family"
)


def resampling_families(table: Conditions, related: Related | None) -> tuple[NDArray[np.int64], str]:
    """Group test conditions into what the bootstrap draws together.

    All doses and times of a perturbation, in all contexts; and its kin (salts and analogues of a
    compound, paralogs and members of a complex), where what was handed in tells them, as long as no
    family holds more than a fifth of the conditions and at least eight are left (counted by Kish's
    effective number). Chains of kin would otherwise leave too few to resample.

    Returns
    -------
    (t,) codes, and what they stand for in words.
    """
    own = _codes(table, {})
    plain = "perturbations with all their doses"
    kin = _codes(table, {} if related is None else related.families())
    n_own, n_kin = len(np.unique(own)), len(np.unique(kin))
    if related is None or n_kin == n_own:
        return own, plain
    share = np.bincount(kin) / len(kin)
    if share.max() > MAX_FAMILY_SHARE.value:
        why = f"the largest family of kin holds {share.max():.0%} of the test conditions"
        return own, f"{plain}; kin singly, because {why}"
    if 1.0 / (share**2).sum() < FAMILIES_TO_RESAMPLE:
        return own, f"{plain}; kin singly, because too few families would be left"
    return kin, f"{n_kin} families of kin among {n_own} perturbations ({related.compared}), with all their doses"


def _codes(table: Conditions, first: Mapping[str, str]) -> NDArray[np.int64]:
    """(t,) codes of the families of each condition's parts."""
    names = ["+".join(sorted({first.get(p, p) for p in parts})) for parts in table.parts]
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64).reshape(-1)
