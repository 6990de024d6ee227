"""Nuisance and sabotage: what must not do well."""

from vcassay.evidence.baselines.probes import (
    nuisance,
    sabotaged,
)

__all__ = [
    "nuisance",
    "sabotaged",
]
