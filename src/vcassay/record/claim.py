"""Stage 1 as stored: the claim that a score on this split can support."""

from __future__ import annotations

from vcassay.core import Panel
from vcassay.record.base import Reasoned, Record


class NoveltyRecord(Record):
    """A stratum: test conditions that are new in the same way, and the claim about them alone."""

    regime: str
    """GEX, CEX, few-shot context, ... as worked out from the tables."""
    n: int
    share: float
    """Share of the test conditions."""
    perturbation: str
    """seen, other dose, other time, k of m parts seen, analogue, unseen."""
    context: str
    """seen with k perturbations, sibling, unseen."""
    pairing: str
    """Whether the perturbation was seen in another context."""
    batch: str
    """Whether the test batches hold training conditions."""
    pretraining: str
    """no, yes or unknown, as declared by the models."""
    modality: str = "not stated"
    """Whether anything of the same kind of perturbation is in training."""
    kind: str = ""
    """What tells this stratum from others of its regime."""
    word: str = ""
    """The role as the source of the split wrote it, where it has several words for what is tested."""
    sentence: str = ""
    """The claim about this stratum, if it is scored alone."""
    n_perturbations: int | None = None
    n_contexts: int | None = None
    kin: tuple[str, ...] = ()
    """Examples of trained kin: perturbation or context, and whose it is."""


class CoverageRecord(Record):
    """What a resource knows of the names that were looked up."""

    resource: str
    wanted: int
    found: int
    missing: tuple[str, ...] = ()
    """The first names that it does not have."""
    released: str = ""
    sha256: str = ""


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
    covered: float | None = None
    """Share of the test conditions that the regime covers at least."""
    pretraining: str = "unknown"
    truth: str = "unknown"
    """Whether the truth is public, private or not stated."""
    truth_since: str = ""
    """Since when it is public."""
    looks: int | None = None
    """Prediction files that were scored on this test set, by the ledger; null without one."""
    compared: str = ""
    """What perturbations were compared by to find kin."""
    knowledge: tuple[CoverageRecord, ...] = ()
    """Resources handed in, and how many of the names each knows."""

    def panel(self) -> Panel:
        """The claim, what it supports and what not."""
        named = (("supports", self.supports), ("does not support", self.does_not_support), ("scope", self.scope))
        return Panel(
            f"Claim: {self.regime or 'none'}",
            self.sentence,
            facts=(("declared", self.declared), ("use", self.use)),
            columns=("", "sentence", "because"),
            rows=[(head, s.sentence, s.reason) for head, sentences in named for s in sentences],
            whole=True,
        )
