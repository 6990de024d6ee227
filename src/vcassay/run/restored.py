"""Restored: an assessment directory as compare and verify read it, and the scores made again from its tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.conditions import MISSING
from vcassay.evidence.metrics.filled import Filled
from vcassay.record import AssessmentRecord, read_assessment, read_manifest, read_table
from vcassay.record.assessment import ManifestRecord

KEY = ["context", "perturbation", "dose", "time"]
SIZES = ("null", "weak", "medium", "strong")
AGAIN = "assess again with this version: it resumes"

Key = tuple[str, str, float, float]


@dataclass(frozen=True, eq=False)
class Directory:
    """An assessment directory as read.

    Attributes
    ----------
    name
        The folder as it was named.
    test, train
        Rows of conditions.parquet by role, in the order of scoring.
    """

    name: str
    folder: Path
    record: AssessmentRecord
    manifest: ManifestRecord
    conditions: pd.DataFrame

    @property
    def test(self) -> pd.DataFrame:
        """Test conditions."""
        return self.conditions[self.conditions["role"] == "test"].reset_index(drop=True)

    def keys(self, role: str) -> list[Key]:
        """Identities of the conditions of a role."""
        return keys_of(self.conditions[self.conditions["role"] == role])

    @property
    def decision(self) -> str:
        """The stratum that decides."""
        if self.record.ranks:
            return self.record.ranks[0].stratum
        return "detectable" if self.record.screen.readout != "scalar" and self.detectable.any() else "all"

    @property
    def detectable(self) -> NDArray[np.bool_]:
        """(t,) test conditions with a detectable effect."""
        return self.test["detectable"].fillna(value=False).to_numpy(dtype=bool)

    @property
    def strata(self) -> dict[str, NDArray[np.bool_]]:
        """Stratum to (t,) membership: those that the table of conditions tells."""
        size = self.test["stratum"].to_numpy()
        out = {"all": np.ones(len(size), dtype=bool), "detectable": self.detectable}
        return {name: at for name, at in (out | {name: size == name for name in SIZES}).items() if at.any()}

    @property
    def context(self) -> NDArray[np.int64]:
        """(t,) codes of contexts."""
        return codes(self.test["context"].to_numpy(dtype=str))

    @property
    def family(self) -> NDArray[np.int64]:
        """(t,) codes of what the bootstrap draws together.

        Raises
        ------
        InputError
            If an older version wrote the directory, which did not store it.
        """
        if "family" not in self.conditions or self.record.draws is None:
            raise InputError("was written before compare existed and lacks what it needs", where=self.name, mend=AGAIN)
        return self.test["family"].to_numpy(dtype=np.int64)

    def filled(
        self, metrics: Sequence[str] | None, names: Collection[str] | None = None
    ) -> dict[tuple[str, str], Filled]:
        """Per-condition values of models, baselines and probes as they were aggregated.

        Parameters
        ----------
        metrics
            Names; all if ``None``.
        names
            Answers; all if ``None``.

        Raises
        ------
        InputError
            If rows are missing, or do not stand in the order of the conditions.
        """
        frame = read_table(self.folder, "scores", metrics)
        where = str(self.folder / "scores.parquet")
        if "counted" not in frame:
            raise InputError("was written before compare existed and lacks what it needs", where=where, mend=AGAIN)
        frame = frame[frame["level"] == "condition"]
        wanted = keys_of(self.test)
        out = {}
        for (name, metric), part in frame.groupby(["model", "metric"], sort=False, observed=True):
            if names is not None and name not in names:
                continue
            if len(part) != len(wanted) or keys_of(part) != wanted:
                what = f"rows of '{name}' in '{metric}' are not those of the test conditions"
                raise InputError(what, where=where, mend=AGAIN)
            out[str(name), str(metric)] = filled_of(part, self._reason(str(name), str(metric)))
        return out

    def _reason(self, name: str, metric: str) -> str:
        row = self.record.score(name, metric, "all")
        return "" if row is None else row.reason


def read_directory(folder: Path, name: str = "") -> Directory:
    """Read an assessment directory.

    Raises
    ------
    InputError
        If it holds none, or one that was not written to its end.
    """
    record, manifest = read_assessment(folder), read_manifest(folder)
    return Directory(name or str(folder), folder, record, manifest, read_table(folder, "conditions"))


def filled_of(part: pd.DataFrame, reason: str) -> Filled:
    """Values of one answer in one metric from its stored rows."""
    value, counted = part["value"].to_numpy(dtype=float), part["counted"].to_numpy(dtype=float)
    below, told = part["denominator"].to_numpy(dtype=float), part["reason"].to_numpy(dtype=str)
    values = np.where(np.isfinite(counted), counted, value)
    defined, at_chance = told != "not defined by the truth", np.char.startswith(told, "prediction missing")
    lacking = defined & ~np.isfinite(values)
    why = (reason or "undefined for some conditions") if lacking.any() else ""
    return Filled(values, below if np.isfinite(below).any() else None, defined, at_chance, why)


def keys_of(frame: pd.DataFrame) -> list[Key]:
    """Identities of rows; a missing dose or time is -1."""
    columns = [frame[name].to_numpy(dtype=str).tolist() for name in KEY[:2]]
    numbers = [frame[name].fillna(MISSING).to_numpy(dtype=float).tolist() for name in KEY[2:]]
    return list(zip(*columns, *numbers, strict=True))


def take(filled: Mapping[tuple[str, str], Filled], at: NDArray[np.int64]) -> dict[tuple[str, str], Filled]:
    """Values of some conditions."""
    return {
        key: Filled(
            f.values[at],
            None if f.denominator is None else f.denominator[at],
            f.defined[at],
            f.at_chance[at],
            f.impossible if (f.defined[at] & ~np.isfinite(f.values[at])).any() else "",
        )
        for key, f in filled.items()
    }


def codes(names: NDArray[np.str_] | NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) position of each name among the sorted ones."""
    return np.unique(names, return_inverse=True)[1].astype(np.int64).reshape(-1)
