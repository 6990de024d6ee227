"""Reported claims: what the split of a published benchmark supports, from its name or its strata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from vcassay.claim.applications import MATRIX, USES, Fit
from vcassay.claim.protocols import Protocol, read_protocol
from vcassay.claim.stated import StatedSplit
from vcassay.core import Finding, InputError, Regime, Status
from vcassay.core.finding import Titled
from vcassay.record.card import Benchmark, Modality
from vcassay.screen.datasets import datasets, read_dataset

TITLES = {
    "split": "Split not described",
    "use": "Use and split",
    "strata": "Several kinds of test conditions",
    "known": "Known of the split",
}
"""Findings of this room by name; those called ``known`` have their own titles."""

_finding = Titled(TITLES, "claim")
SPLIT_QUESTION = (
    "Which conditions (context, perturbation, dose) were trained on and which were tested: can the lists be had?"
)
USE_QUESTION = "What is a reader meant to use the model for (target identification, few-shot screening, ...)?"

ASKED_FOR = (Regime.CEX, Regime.DEX, Regime.COMBINATION, Regime.DOSE, Regime.FEW_SHOT)
"""Regimes that a remedy names, where they fit a use directly."""
FALLS_SHORT: dict[str, str] = {
    "partial": "only partly to the point",
    "diagnostic": "a diagnostic",
    "none": "not to the point",
}
"""A fit that is not direct, in words."""


def published(benchmark: Benchmark) -> Protocol | None:
    """The published split that a benchmark names, if it names one.

    Raises
    ------
    InputError
        If nobody has published, or proposed, one of that name.
    """
    return read_protocol(benchmark.protocol) if benchmark.protocol else None


def stated_split(
    benchmark: Benchmark, pretraining: Literal["yes", "no", "unknown"] = "unknown", modality: Modality = ""
) -> StatedSplit | None:
    """The split of a benchmark, as far as it is stated.

    Strata that the card states win over the protocol's: they say what this publication did.

    Parameters
    ----------
    pretraining
        Whether pretraining of the reviewed model held perturbed cells of what is tested; what a protocol says of it
        speaks of the model that it was made for.
    modality
        Kind of perturbation of the data set, where neither card nor protocol states one.

    Returns
    -------
    ``None`` where neither a protocol nor strata are stated.

    Raises
    ------
    InputError
        If nobody has published, or proposed, a protocol of that name.
    """
    protocol = published(benchmark)
    strata = benchmark.strata or (protocol.strata if protocol else ())
    if not strata:
        return None
    truth = benchmark.truth if benchmark.truth != "unknown" or protocol is None else protocol.truth
    return StatedSplit(
        modality=benchmark.modality or (protocol.modality if protocol else "") or modality,
        pretraining=pretraining,
        truth=truth,
        truth_since=protocol.truth_since if protocol and truth == protocol.truth else "",
        contexts_test=benchmark.contexts_test or (protocol.contexts_test if protocol else ()),
        strata=strata,
    )


def title(benchmark: Benchmark) -> str:
    """Data set and split in a few words, with who ran it where it was not the authors."""
    protocol = published(benchmark)
    ran = f", run by {benchmark.by}" if benchmark.by else ""
    if protocol is not None:
        return f"{protocol.title}{ran}"
    data = " + ".join(map(_called, benchmark.dataset)) or "a data set"
    regimes = " and ".join(dict.fromkeys(str(s.regime) for s in benchmark.strata))
    return f"{data} ({regimes}){ran}" if regimes else f"{data}{ran}"


def _called(name: str) -> str:
    """What a data set is called, where the registry has it and no other goes by that; else the card's own words."""
    try:
        known = read_dataset(name)
    except InputError:
        return name
    short = _short(known.title)
    return short if [_short(d.title) for d in datasets()].count(short) == 1 else name


def _short(title: str) -> str:
    """A registered title without its explanation."""
    return re.split(r": | \(", title)[0]


def titles(benchmarks: Sequence[Benchmark]) -> tuple[str, ...]:
    """Titles that tell benchmarks apart: with their data sets, or numbered, where these would be the same."""
    plain = [title(b) for b in benchmarks]
    longer = [
        f"{t} ({' + '.join(map(_called, b.dataset))})" if b.protocol and plain.count(t) > 1 else t
        for t, b in zip(plain, benchmarks, strict=True)
    ]
    return tuple(t if longer.count(t) == 1 else f"{t}, number {i}" for i, t in enumerate(longer, 1))


def judge_claim(benchmark: Benchmark, split: StatedSplit | None, use: str) -> Iterator[Finding]:
    """Findings of stage 1: whether the split is told, whether it fits the use, and what is known to be wrong with it.

    Parameters
    ----------
    use
        What a reader is meant to use the model for, one of `USES`, or an empty string.
    """
    if split is None:
        sentence = (
            "Neither a published split nor what is new about the test conditions is reported, so the result "
            "claims nothing in particular."
        )
        yield _finding("split", Status.UNKNOWN, sentence, question=SPLIT_QUESTION)
        return
    regimes = list(dict.fromkeys(s.regime for s in split.strata))
    if len(regimes) > 1:
        shares = {r: min(1.0, sum(s.share for s in split.strata if s.regime is r)) for r in regimes}
        parts = ", ".join(f"{share:.0%} {regime}" for regime, share in shares.items())
        sentence = f"The test set holds {len(regimes)} kinds of conditions ({parts}): an overall score speaks of the "
        remedy = "Report each kind apart."
        yield _finding("strata", Status.WARN, f"{sentence}weakest, {split.regime}.", remedy=remedy)
    if use:
        yield _fits(split, use)
    protocol = published(benchmark)
    for trap in protocol.traps if protocol else ():
        yield Finding(
            "known",
            trap.title,
            Status(trap.status),
            trap.sentence,
            evidence=({"read how": trap.evidence},),
            family="claim",
        )


def _fits(split: StatedSplit, use: str) -> Finding:
    fit: Fit = split.fit(use)
    if fit.fit == "direct":
        return _finding("use", Status.PASS, f"For {USES[use]} this split is to the point: {fit.reason}.")
    sentence = f"For {USES[use]} this split is {FALLS_SHORT[fit.fit]}: {fit.reason}."
    return _finding("use", Status.WARN, sentence, remedy=f"Test on a split that fits the use: {wanted(use)}.")


def wanted(use: str) -> str:
    """Which regimes fit a use directly, in words."""
    direct = [str(r) for r in ASKED_FOR if MATRIX[use][r].fit == "direct"]
    return " or ".join(direct or ["held-out contexts and perturbations"])
