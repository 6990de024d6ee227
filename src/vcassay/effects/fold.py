"""Fold changes, in the conventions of the field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.transpose import EXPM1, LOG1P, PLAIN, SCALED
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.screen import Readout

Array = NDArray[np.float64]

EPSILON = 1e-9
"""Pseudocount of scanpy and cell-eval2, in the unit of the normalised counts."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How a tool of the field tests and measures a change.

    Attributes
    ----------
    continuity
        Whether its rank-sum test has the continuity correction.
    target_sum
        Depth to which counts are scaled.
    counts, lognorm
        Of which values means are taken, where the matrix holds counts or log-normalised values.
    min_cpm
        Mean counts per million that the controls of a gene must exceed for it to be adjusted; 0 for all genes.
    """

    continuity: bool
    target_sum: float
    counts: int
    lognorm: int
    min_cpm: float = 0.0


CONVENTIONS = {
    "vcassay": Convention(continuity=True, target_sum=1e4, counts=PLAIN, lognorm=PLAIN),
    "cell-eval": Convention(continuity=True, target_sum=1e4, counts=LOG1P, lognorm=PLAIN),
    "cell-eval2": Convention(continuity=False, target_sum=1e6, counts=SCALED, lognorm=EXPM1, min_cpm=5.0),
    "scanpy": Convention(continuity=False, target_sum=1e4, counts=LOG1P, lognorm=PLAIN),
}


def convention_of(name: str) -> Convention:
    """The convention of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in CONVENTIONS:
        raise InputError(f"there is no convention '{name}'", where="de", mend=did_you_mean(name, CONVENTIONS))
    return CONVENTIONS[name]


def log2_fold(name: str, readout: Readout, target: Array, reference: Array) -> tuple[Array, Array, Array]:
    """Fold change from means of the values that the convention names.

    Parameters
    ----------
    target, reference
        Means: for ``vcassay`` on counts, pooled counts scaled to the depth.

    Returns
    -------
    log2 fold change, and the two means that it compares, as the convention writes them:

    - ``vcassay``: difference of profiles over ln 2, the effect that `vcassay.measure` reports in log2.
      Profiles are log1p of pooled, scaled counts, or means of log-normalised values.
    - ``scanpy``: log2((expm1(m_t) + 1e-9) / (expm1(m_r) + 1e-9)), m the mean of log-normalised values.
    - ``cell-eval``: log2(expm1(m_t) / expm1(m_r)), as cell-eval calls pdex: infinite where one mean is
      0, and 0 where both are.
    - ``cell-eval2``: log2((a_t + 1e-9) / (a_r + 1e-9)), a the arithmetic mean of normalised counts.

    Continuous readouts have a difference of means, whatever the convention: they are on a scale of their own.
    """
    if readout in (Readout.CONTINUOUS, Readout.SCALAR):
        return target - reference, target, reference
    if name == "vcassay":
        if readout is Readout.COUNTS:
            target, reference = np.log1p(target), np.log1p(reference)
        return (target - reference) / np.log(2.0), target, reference
    if name != "cell-eval2":
        target, reference = np.expm1(target), np.expm1(reference)
    if name == "cell-eval":
        with np.errstate(divide="ignore", invalid="ignore"):
            fold = np.log2(target / reference)
        fold[(target == 0) & (reference == 0)] = 0.0
        return fold, target, reference
    return np.log2((target + EPSILON) / (reference + EPSILON)), target, reference
