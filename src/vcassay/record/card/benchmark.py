"""Benchmark: one data set with one split, and what a publication reports of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from vcassay.core import Regime
from vcassay.record.base import Record
from vcassay.record.card.source import Stated
from vcassay.record.disclosure import Texts

Modality = Literal["", "CRISPRi", "CRISPRa", "CRISPR", "drug", "cytokine"]
"""Kind of perturbation; empty where it is not stated, or there are several."""
COMPOUND_KINDS: frozenset[str] = frozenset({"drug", "cytokine"})
"""Kinds that have doses and no target gene of their own."""

Numbers = Literal["stated", "counted", "approximate", "second-hand", "recalled"]
"""Where the numbers of a stratum come from."""


class StatedStratum(Record):
    """Test conditions of one regime; a number that the source does not state is ``None``."""

    regime: Regime
    """What is new: the context (CEX), the gene (GEX), the compound (DEX), both (AEX), or less."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Share of the test conditions."""
    what: str = ""
    kind: str = ""
    """What tells it from other strata of its regime: ``1 of 2 parts seen``."""
    contexts_train: int | None = None
    """Contexts (cell lines, donors, cell types) that were trained on."""
    contexts_test: int | None = None
    """Contexts that are tested."""
    perturbations: int | None = None
    """Perturbations that are tested."""
    unit: str = "perturbation"
    """What is counted."""
    compared: str = ""
    """What test perturbations were kept apart from training by, besides their names."""
    paired: float | None = None
    """Share of the test conditions whose treatment is trained in another context."""
    shots: float | None = None
    """Perturbations of a test context that are shown."""
    shots_share: float | None = None
    numbers: Numbers = "stated"
    """Where these numbers come from."""


def _named(value: Any) -> Any:
    """Take a text for the entry of that name, in a list too."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"name": e} if isinstance(e, str) else e for e in entries]


class Measured(Stated):
    """A metric that is reported."""

    name: str = Field(min_length=1)
    """As the publication calls it."""
    metric: str = ""
    """The same in the catalogue (`vcassay list metrics`), where the name does not say it."""
    space: Literal["", "raw", "delta", "ranks", "calls", "cells", "scalar"] = ""
    """What is compared: expression itself, changes from control, ranks, called genes, cells, one number."""
    genes: Literal["", "all", "variable", "responding", "test responding"] = ""
    """Which genes; ``test responding``: chosen by their response in the test set."""
    by_strength: bool | None = None
    """Whether it is also reported by effect size or reproducibility."""
    kind: Literal["", "error", "correlation", "retrieval", "calls", "magnitude", "distribution", "classification"] = ""
    """What kind of metric it is, where the name does not say it."""


class Compared(Stated):
    """A baseline, a rival or a reference that is reported beside the model."""

    name: str = Field(min_length=1)
    """As the publication calls it."""
    baseline: str = ""
    """The same in the catalogue (`vcassay list baselines`), where it is not clear from the name."""
    tier: Literal["", "T0", "T1", "T2", "T3", "T4", "model"] = ""
    """``T4`` a replicate reference; ``model`` another complex model, which is no baseline."""
    flaw: str = ""
    """What is known to be wrong with it, such as a mistake in its code."""


class Result(Stated):
    """A number that is reported."""

    metric: str
    """Name of one of the benchmark's metrics."""
    value: float
    """The model's score."""
    low: float | None = None
    """Lower end of its interval."""
    high: float | None = None
    """Upper end of its interval."""
    n: int | None = None
    """Number of what it averages."""
    against: str = ""
    """Name of the best baseline reported with it."""
    baseline: float | None = None
    """That baseline's value."""
    ceiling: float | None = None
    """What a replicate, or a perfect model, reaches."""
    by: str = ""
    """Who measured it, where it was not the authors."""


class Benchmark(Stated):
    """One data set with one split, and what is reported of it."""

    dataset: Texts
    """Names in the registry (`vcassay datasets`), or in the publication's words."""
    protocol: str = ""
    """A published split (`vcassay list protocols`); else it is described by ``strata``."""
    by: str = ""
    """Who ran it, where it was not the authors."""
    split: str = ""
    """The split in short."""
    strata: tuple[StatedStratum, ...] = ()
    """What is new about the test conditions; empty where the publication does not let one tell."""
    modality: Modality = ""
    """By what cells are perturbed."""
    contexts_test: Texts = ()
    """Names of the test contexts."""
    truth: Literal["public", "private", "unknown"] = "unknown"
    """Whether anybody could see the test responses while the model was made."""
    seeds: int | None = None
    """Splits or seeds that were run."""
    intervals: Literal["", "none", "seeds", "perturbations", "contexts"] = ""
    """Over what the reported intervals are taken."""
    metrics: Annotated[tuple[Measured, ...], BeforeValidator(_named)] = ()
    """Metrics as the publication calls them, or tables that say more of them."""
    baselines: Annotated[tuple[Compared, ...], BeforeValidator(_named)] = ()
    """What stands beside the model: baselines, other models, a replicate."""
    results: tuple[Result, ...] = ()
    """Numbers, each beside the best baseline's."""
