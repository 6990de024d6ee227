"""Alike: whether two stored assessments ask the same of the same data, and if not, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.run.restored import Directory, keys_of

MEASURED = ("n_cells", "n_control", "effect", "reliability", "stratum", "detectable")
"""Columns of the table of conditions that hold what was measured."""

CLOSE = 1e-9
"""Within which measured numbers are the same."""

SCREEN = {
    "rows": "kind of rows",
    "readout": "readout",
    "profile": "profile",
    "target_sum": "target sum of profiles",
    "controls": "controls and what is reserved for scoring",
}
CLAIM = {"regime": "regime", "declared": "regime that the authors state", "use": "intended use"}
METRIC = ("optimum", "chance", "higher_is_better", "family", "space", "reference")


def refuse_unlike(directories: list[Directory], *, common: bool) -> None:
    """Refuse to compare assessments of unlike claims, truths or panels.

    Parameters
    ----------
    common
        Whether assessments that share a part of their test conditions are compared on it.

    Raises
    ------
    InputError
        With a sentence that says what differs.
    """
    for a, b in combinations(directories, 2):
        found = list(unlike(a, b, common=common))
        if found:
            what = f"cannot be compared with {a.name}: {'; '.join(found)}"
            raise InputError(what, where=b.name, mend="compare assessments of one claim on one test set")


def unlike(a: Directory, b: Directory, *, common: bool) -> Iterator[str]:
    """Differences that forbid a comparison, a clause each."""
    yield from _of_claims(a, b)
    yield from _of_truths(a, b)
    yield from _of_conditions(a, b, common=common)
    yield from _of_metrics(a, b)
    yield from _of_rules(a, b)


def _of_claims(a: Directory, b: Directory) -> Iterator[str]:
    for name, words in CLAIM.items():
        yield from _either(words, getattr(a.record.claim, name), getattr(b.record.claim, name))
    if a.record.schema_ != b.record.schema_:
        yield from _either("schema", a.record.schema_, b.record.schema_)


def _of_truths(a: Directory, b: Directory) -> Iterator[str]:
    mine, theirs = a.record.screen, b.record.screen
    if truth_hashes(a) != truth_hashes(b):
        yield f"the measured data differ ({mine.path or mine.name} and {theirs.path or theirs.name} by sha256)"
    for name, words in SCREEN.items():
        yield from _either(words, getattr(mine, name), getattr(theirs, name))
    if a.manifest.seed != b.manifest.seed:
        yield f"other controls are reserved for scoring (seed {a.manifest.seed} and {b.manifest.seed})"
    genes = (mine.n_scored_genes, mine.scored_genes_rule), (theirs.n_scored_genes, theirs.scored_genes_rule)
    if genes[0] != genes[1]:
        (n, how), (m, other) = genes
        yield f"other genes are scored ({n:,} and {m:,}: {how}" + (f"; {other})" if how != other else ")")


def _of_conditions(a: Directory, b: Directory, *, common: bool) -> Iterator[str]:
    mine, theirs = set(a.keys("test")), set(b.keys("test"))
    shared = mine & theirs
    if mine != theirs:
        sizes = f"{len(mine):,} and {len(theirs):,} test conditions, {len(shared):,} of them shared"
        if not shared:
            yield f"no test condition is shared ({sizes})"
        elif not common:
            yield f"the test conditions differ ({sizes}: --common compares on these)"
    elif not common:
        if a.record.claim.sha256 != b.record.claim.sha256 or set(a.keys("train")) != set(b.keys("train")):
            yield "what may be trained on differs: the split has other training conditions"
        elif a.record.screen.scored_genes_sha256 != b.record.screen.scored_genes_sha256:
            yield "other genes are scored (by the hash of their names)"
    if shared:
        x, y = _measured(a, shared), _measured(b, shared)
        differing = [name for name in MEASURED if not _same(x[name], y[name])]
        if differing:
            yield f"shared conditions were measured otherwise ({first(differing)})"


def _of_metrics(a: Directory, b: Directory) -> Iterator[str]:
    if a.decision != b.decision:
        yield from _either("stratum that decides", a.decision, b.decision)
    mine, theirs = ({m.name: m for m in d.record.metrics} for d in (a, b))
    primary = [{m.name for m in known.values() if m.primary} for known in (mine, theirs)]
    if primary[0] != primary[1]:
        yield f"other metrics decide ({first(sorted(primary[0]))}, and {first(sorted(primary[1]))})"
    for name in sorted(mine.keys() & theirs.keys()):
        if any(getattr(mine[name], field) != getattr(theirs[name], field) for field in METRIC):
            yield f"the metric '{name}' is defined otherwise"


def _of_rules(a: Directory, b: Directory) -> Iterator[str]:
    mine, theirs = ({t.name: t.value for t in d.record.thresholds} for d in (a, b))
    for name in sorted(mine.keys() & theirs.keys()):
        if mine[name] != theirs[name]:
            yield f"the threshold {name} is {mine[name]:g} and {theirs[name]:g}"
    stated = [d.record.require.get("difference") for d in (a, b)]
    yield from _either("difference to be resolved", *stated)


def _either(words: str, mine: object, theirs: object) -> Iterator[str]:
    if mine != theirs:
        one, other = ("none" if x in ("", None) else str(x) for x in (mine, theirs))
        yield f"the {words} is '{other}', there '{one}'"


def truth_hashes(d: Directory) -> set[str]:
    """sha256 of the files that hold the measured screen, by the manifest."""
    name = d.record.screen.path
    return {sha for file, sha in d.manifest.inputs.items() if name and file.replace("\\", "/").split("/")[-1] == name}


def _measured(d: Directory, shared: set[tuple[str, str, float, float]]) -> pd.DataFrame:
    test = d.test
    index = pd.Index(keys_of(test), tupleize_cols=False)
    return test.set_index(index).loc[sorted(shared)]


def _same(x: pd.Series, y: pd.Series) -> bool:
    if x.dtype.kind == "f" and y.dtype.kind == "f":
        return bool(np.allclose(x.to_numpy(), y.to_numpy(), rtol=CLOSE, atol=CLOSE, equal_nan=True))
    return x.astype(str).tolist() == y.astype(str).tolist()


def warn_of(directories: list[Directory]) -> tuple[str, ...]:
    """What does not forbid a comparison but has to be known, a sentence each."""
    out = []
    versions = {d.name: d.manifest.versions.get("vcassay", "unknown") for d in directories}
    if len(set(versions.values())) > 1:
        told = ", ".join(f"{name} by {version}" for name, version in versions.items())
        out.append(f"The assessments were made by different versions of vcassay ({told}).")
    quick = [d.name for d in directories if d.record.quick]
    if quick:
        out.append(f"Made with --quick, so that metrics were not calibrated and not all was run: {first(quick)}.")
    broken = [d.name for d in directories if not d.record.complete]
    if broken:
        out.append(f"Something ended in an error in {first(broken)}.")
    ladders = {d.name: frozenset(c.baseline for c in d.record.comparisons) for d in directories}
    missing = frozenset().union(*ladders.values())
    for name, known in ladders.items():
        lacking = sorted(missing - known)
        if lacking:
            out.append(f"The ladder of {name} lacks {first(lacking)}: its verdicts stand on other baselines.")
    return tuple(out)
