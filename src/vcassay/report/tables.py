"""What a page is made from: the record and its two tables, with a reason where one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vcassay.core import InputError
from vcassay.record import AssessmentRecord, load_json, read_assessment, read_table
from vcassay.record.assessment import ManifestRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.facts import is_centred

if TYPE_CHECKING:
    import pandas as pd

KEY = ["context", "perturbation", "dose", "time"]


@dataclass(frozen=True)
class Stored:
    """An assessment directory as read.

    Attributes
    ----------
    conditions, scores, genes
        The tables, or ``None`` with the reason in ``missing``.
    missing
        From a table's name to the sentence that says why it is not there.
    """

    record: AssessmentRecord
    conditions: pd.DataFrame | None
    scores: pd.DataFrame | None
    manifest: ManifestRecord | None
    missing: dict[str, str]
    genes: pd.DataFrame | None = None

    @cached_property
    def listed(self) -> pd.DataFrame | None:
        """All conditions, those of the test first; ``id`` is the number of each on the page."""
        if self.conditions is None:
            return None
        tested = (self.conditions["role"] == "test").to_numpy()
        rows = self.conditions.iloc[(~tested).argsort(kind="stable")].reset_index(drop=True)
        return rows.assign(id=rows.index)

    @cached_property
    def tested(self) -> pd.DataFrame | None:
        """Test conditions with their effect size, strata and counts."""
        return None if self.listed is None else self.listed[self.listed["role"] == "test"]

    @cached_property
    def _by_series(self) -> dict[tuple[str, str], pd.DataFrame]:
        if self.scores is None:
            return {}
        rows = self.scores[self.scores["level"] == "condition"]
        return {(str(a), str(b)): part for (a, b), part in rows.groupby(["model", "metric"], sort=False, observed=True)}

    def values(self, model: str, metric: str) -> pd.DataFrame | None:
        """Per-condition values of a model in a metric, beside what was measured of each condition.

        Returns
        -------
        Rows of `tested` with ``value`` (NaN where undefined), ``status`` and ``reason``; ``None``
        where either table is missing or the model has no per-condition values.
        """
        tested, part = self.tested, self._by_series.get((model, metric))
        if tested is None or part is None:
            return None
        return tested.merge(part[[*KEY, "value", "status", "reason"]], on=KEY, how="inner")

    def gains(self, model: str, baseline: str, metric: MetricRecord) -> pd.DataFrame | None:
        """Per-condition gain of a model over a baseline, oriented so that above 0 is better.

        Returns
        -------
        Rows of `values` where both are defined, with ``base`` and ``gain``.
        """
        mine, other = self.values(model, metric.name), self._by_series.get((baseline, metric.name))
        if mine is None or other is None:
            return None
        both = mine.merge(other[[*KEY, "value"]].rename(columns={"value": "base"}), on=KEY, how="inner")
        both = both[both["value"].notna() & both["base"].notna()]
        return both.assign(gain=oriented(both["value"], metric) - oriented(both["base"], metric))


def oriented(values: pd.Series, metric: MetricRecord) -> pd.Series:
    """Turn values so that more is better; a metric with a target in its middle counts the distance to it."""
    if metric.higher_is_better:
        return values
    return -(values - metric.optimum).abs() if is_centred(metric) else -values


def why_unscored(stored: Stored, metric: MetricRecord | None, *, against_effect: bool = False) -> str:
    """Why no score of a single condition can be shown in a metric, or not against its effect size."""
    for name in ("conditions", "scores"):
        if name in stored.missing:
            return stored.missing[name]
    if metric is None:
        return "no metric can carry the verdict"
    tested = stored.tested
    if against_effect and tested is not None and not tested["effect"].notna().any():
        return "no test condition has an effect size"
    return f"{metric.title} is a statistic of many conditions together: a single one has no score"


def _numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """Doses and times as numbers, so that an all-missing column joins with itself."""
    return frame.assign(**{name: frame[name].astype("float64") for name in ("dose", "time") if name in frame})


def read_stored(folder: Path) -> Stored:
    """Read what a page needs; a missing table is a reason on the page, not a failure.

    Raises
    ------
    InputError
        If the directory holds no assessment that this version can read.
    """
    record = read_assessment(folder)
    missing: dict[str, str] = {}
    frames: dict[str, pd.DataFrame | None] = {}
    for name in ("conditions", "scores", "genes"):
        try:
            frames[name] = _numeric(read_table(folder, name))
        except InputError as error:
            frames[name] = None
            there = (folder / f"{name}.parquet").is_file()
            missing[name] = f"{name}.parquet {error.what if there else 'is not in the assessment directory'}"
    path = folder / "manifest.json"
    manifest = load_json(path, ManifestRecord) if path.is_file() else None
    if manifest is None:
        missing["manifest"] = "manifest.json is not in the assessment directory"
    return Stored(record, frames["conditions"], frames["scores"], manifest, missing, frames["genes"])
