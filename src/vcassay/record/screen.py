"""What was measured, as stored."""

from __future__ import annotations

from vcassay.record.base import Reasoned, Record


class StratumRecord(Record):
    """Test conditions of like effect size."""

    name: str
    """null, weak, medium, strong, or unassessed."""
    n: int
    effect_low: float | None
    effect_high: float | None
    """Bounds of the debiased effect size (root mean square over scored genes)."""
    reliability: float | None
    """Mean split-half correlation, negatives kept."""
    ceiling: float | None
    """Highest Pearson delta a perfect model could reach on average."""


class CrossedRecord(Record):
    """Reliability of halves that share no batch (or guide) beside that of halves of cells, which share them."""

    kind: str
    """batches or guides."""
    n: int
    """Test conditions with rows in two of them, above their pseudo-perturbations where that was assessed."""
    within: float | None
    """Full-depth reliability of these conditions from halves of cells within batch."""
    across: float | None
    """The same from halves that share no batch (or guide)."""
    difference: float | None
    low: float | None
    high: float | None
    """Across minus within, and its interval."""
    lower: bool = False
    """Whether across is clearly lower: the upper end of the interval is below 0."""
    reason: str = ""
    """Why it could not be measured; empty otherwise."""


class ScreenRecord(Record):
    """The screen and how its effects were measured."""

    name: str
    path: str
    rows: str
    readout: str
    n_rows: int
    n_genes: int
    n_scored_genes: int
    scored_genes_rule: str
    n_conditions: int
    n_contexts: int
    n_perturbations: int
    n_batches: int
    n_control_rows: int
    contexts: tuple[str, ...]
    profile: str
    """How cells became a profile."""
    target_sum: float | None
    controls: str
    """How controls were matched, and which are reserved for scoring."""
    control_match_share: float | None
    """Share of perturbed rows whose batch has controls."""
    n_detectable: int | None
    n_assessed: int | None
    expected_false: float | None
    """Detections expected by chance among those called detectable."""
    reliability: float | None
    reliability_full: float | None
    strata: tuple[StratumRecord, ...]
    matched_columns: dict[str, str]
    """Which obs column was read as what."""
    dose_unit: str = ""
    time_unit: str = ""
    """Empty where the study names none."""
    notes: tuple[Reasoned, ...] = ()
    crossed: tuple[CrossedRecord, ...] = ()
    """Reliability across batches, and across guides, beside that within them."""
    scored_genes_sha256: str = ""
    """Hash of the names of the scored genes, and of which of them each test condition is scored on."""
