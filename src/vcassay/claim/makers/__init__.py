"""Split makers, one small file each: deterministic, given the set of conditions and the seed."""

from vcassay.claim.makers.combination import combinations, gears_simulation
from vcassay.claim.makers.dose import dose_exclusive
from vcassay.claim.makers.exclusive import (
    both_exclusive,
    context_exclusive,
    drug_exclusive,
    gene_exclusive,
    group_exclusive,
)
from vcassay.claim.makers.few_shot import few_shot, few_shot_sweep
from vcassay.claim.makers.folds import k_fold, with_validation
from vcassay.claim.makers.modality import cross_modality
from vcassay.claim.makers.random_cells import random_cells
from vcassay.claim.makers.transfer import perturbench_transfer

__all__ = [
    "both_exclusive",
    "combinations",
    "context_exclusive",
    "cross_modality",
    "dose_exclusive",
    "drug_exclusive",
    "few_shot",
    "few_shot_sweep",
    "gears_simulation",
    "gene_exclusive",
    "group_exclusive",
    "k_fold",
    "perturbench_transfer",
    "random_cells",
    "with_validation",
]
