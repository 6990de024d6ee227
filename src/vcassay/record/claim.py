"""Stage 1 as stored: the claim that a score on this split can support."""

from __future__ import annotations

from vcassay.record.base import Reasoned, Record


class NoveltyRecord(Record):
    """Test conditions that are new in the same way."""

    regime: str
    """GEX, CEX, few-shot context, ... as worked out from the tables."""
    n: int
    share: float
    """Share of the test conditions."""
    perturbation: str
    """seen, other dose, unseen."""
    context: str
    """seen, k-shot, unseen."""
    pairing: str
    """Whether the perturbation was seen in another context."""
    batch: str
    """Whether the test batches hold training conditions."""
    pretraining: str
    """no, yes or unknown, as declared by the models."""


class ApplicationRecord(Record):
    """How far the regime speaks to one use in drug discovery."""

    use: str
    fit: str
    """direct, partial, diagnostic or none."""
    reason: str


class ClaimRecord(Record):
    """The claim."""

    text: str
    """What the study says it shows."""
    use: str
    """The intended use, or an empty string."""
    declared: str
    """The regime the authors state, or an empty string."""
    regime: str
    """The regime found: the weakest that covers the share asked for."""
    sentence: str
    """The claim in one sentence."""
    novelty: tuple[NoveltyRecord, ...]
    supports: tuple[Reasoned, ...]
    does_not_support: tuple[Reasoned, ...]
    scope: tuple[Reasoned, ...]
    """Limits that follow from the data."""
    applications: tuple[ApplicationRecord, ...]
    grants: tuple[str, ...]
    """What a baseline may read under this claim."""
    n_train: int
    n_val: int
    n_test: int
    n_excluded: int
    contexts_train: tuple[str, ...]
    contexts_test: tuple[str, ...]
    n_perturbations_train: int
    n_perturbations_test: int
    shots: float | None
    """Median number of training perturbations shown in a test context; null when it does not apply."""
    shots_share: float | None
    sha256: str
    """Hash of the condition table the split is bound to."""
