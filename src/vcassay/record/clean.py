"""Scores without the conditions that a leakage check touches: how much of a result is leakage."""

from __future__ import annotations

from vcassay.record.base import Record

COMBINED = "all of them"
"""Stands for a check's name where the conditions of every check that warns or fails are taken out together."""


class PartsRecord(Record):
    """One answer on all scored conditions, on the affected and on the clean ones, in the metric's own direction."""

    name: str
    score: float | None = None
    affected: float | None = None
    clean: float | None = None
    change: float | None = None
    """Clean less all, turned so that above 0 it is better without the affected conditions."""
    low: float | None = None
    high: float | None = None
    gap: float | None = None
    """Affected less clean, turned so that above 0 it is better on the affected conditions."""
    gap_low: float | None = None
    gap_high: float | None = None


class TrendRecord(Record):
    """Spearman correlation with the degree, within contexts, tested by sign flips of whole perturbations."""

    of: str
    """score, baseline or lead."""
    rho: float | None
    """Above 0: better where the degree is higher."""
    p_value: float | None
    families: int


class BinRecord(Record):
    """Conditions of one range of degrees."""

    low: float | None
    """Included; ``None`` for no bound."""
    high: float | None
    """Excluded; ``None`` for no bound."""
    n: int
    score: float | None
    baseline: float | None


class CleanRecord(Record):
    """A model and its best legal baseline with and without the conditions that a check touches, in one metric."""

    check: str
    """Name of the check, or `COMBINED`."""
    title: str
    status: str
    """Of the finding; the worst of them where several are combined."""
    what: str
    """The affected conditions in words, after "conditions"."""
    model: str
    metric: str
    stratum: str
    n: int
    """Scored conditions."""
    n_affected: int
    n_clean: int
    n_unknown: int
    """Could not be compared: neither affected nor clean."""
    own: PartsRecord | None = None
    baseline: PartsRecord | None = None
    """The legal baseline that is best on all scored conditions."""
    replicate: PartsRecord | None = None
    """A replicate, where it has a closed form: whether the clean conditions are harder to measure."""
    lead: float | None = None
    """Of the model over the baseline on all scored conditions; above 0 is better."""
    lead_low: float | None = None
    lead_high: float | None = None
    clean_lead: float | None = None
    clean_low: float | None = None
    clean_high: float | None = None
    rival: str = ""
    """The legal baseline that is best on the clean conditions, where it is another one."""
    rival_lead: float | None = None
    rival_low: float | None = None
    rival_high: float | None = None
    excess: float | None = None
    """Drop of the model less drop of the baseline: what the affected conditions add beyond being easier for anyone."""
    low: float | None = None
    high: float | None = None
    interval: str = ""
    """What the intervals of differences between parts are conditional on."""
    no_interval: str = ""
    """Why there are none; empty otherwise."""
    trends: tuple[TrendRecord, ...] = ()
    bins: tuple[BinRecord, ...] = ()
    reason: str = ""
    """Why scores were not computed again; empty otherwise."""

    @property
    def led(self) -> bool:
        """Whether a lead over the baseline is shown on all scored conditions."""
        return self.lead_low is not None and self.lead_low > ROUNDING

    @property
    def kept(self) -> bool:
        """Whether a lead over each best legal baseline is shown on the clean conditions alone."""
        lows = [self.clean_low, *([self.rival_low] if self.rival else [])]
        return all(low is not None and low > ROUNDING for low in lows)

    @property
    def fed(self) -> bool:
        """Whether the affected conditions are shown to add to the lead."""
        return self.low is not None and self.low > ROUNDING


ROUNDING = 1e-9
"""A difference that rounding alone can make is none."""
