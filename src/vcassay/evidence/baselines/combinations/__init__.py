"""T1 and T2 of combinations: what is made of the effects of their parts."""

from vcassay.evidence.baselines.combinations import (
    epistasis,
    one_hot,
    sums,
)

__all__ = [
    "epistasis",
    "one_hot",
    "sums",
]
