"""What baselines know of a study's perturbations and contexts, as stored."""

from __future__ import annotations

from vcassay.record.base import Record


class FeatureRecord(Record):
    """A resource, or a block of prior features: what it knows of the study's names."""

    name: str
    kind: str
    """embedding, response, annotation, network, fingerprint or label; compounds for a table that others are made of."""
    axis: str
    """perturbation or context."""
    columns: int
    """Columns that it gives the baselines."""
    wanted: int
    """Names of the study that were looked up."""
    matched: int
    ways: dict[str, int]
    """How many names were found in each way: exact, case, previous symbol ..."""
    unmatched: tuple[str, ...]
    """All names that it does not have, ambiguous ones among them."""
    ambiguous: dict[str, tuple[str, ...]]
    """Name to the several that it could be."""
    note: str = ""
    """How it was made, or why it was not."""
    file: str = ""
    """Name of the file; empty for what is made of several or of the screen's own annotation."""
    sha256: str = ""
    released: str = ""
    """Day of its release; empty where nobody states one."""
    later: bool | None = None
    """Whether it was released after the truth became public; null where either day is not known."""
    licence: str = ""
