"""Review: what a published result supports, from a card of what is reported of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vcassay.claim import USES
from vcassay.claim.protocols import read_protocol
from vcassay.claim.reported import titles
from vcassay.core import Finding, InputError, Level, Status
from vcassay.core.errors import did_you_mean
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.biology.reported import judge_biology
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.leakage.reported import judge_notes
from vcassay.evidence.metrics import METRICS
from vcassay.record.card import EXTENT, Card, Disputed
from vcassay.record.review import ReviewRecord
from vcassay.run.checks import by_severity, stored
from vcassay.run.problems import first_problem, keys_of
from vcassay.run.review_questions import missing_of, questions_of
from vcassay.run.reviewed import Reviewed, data_of, joined, review_benchmark
from vcassay.run.toml_file import read_toml
from vcassay.verdict.reported import judge_reported

MEND = "write one with `vcassay review --new CARD.toml`"


def read_card(path: str | Path) -> Card:
    """Read a card.

    Raises
    ------
    InputError
        If the file is missing, is no TOML, has an unknown or ill-typed key, or names a protocol, metric, baseline,
        check or use that nobody has.
    """
    path = Path(path)
    return parse_card(read_toml(path, MEND), str(path))


def parse_card(data: dict[str, Any], where: str) -> Card:
    """Check a card's keys, values and names.

    Raises
    ------
    InputError
        Names the first that is wrong, with a suggestion.
    """
    renamed = {"schema_" if key == "schema" else key: value for key, value in data.items()}
    try:
        card = Card.model_validate(renamed)
    except ValidationError as error:
        raise first_problem(error, where, keys=lambda place: keys_of(Card, place), whole="card") from error
    check_names(card, where)
    return card


def card_sha256(path: str | Path) -> str:
    """Hash of a card's file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def check_names(card: Card, where: str) -> None:
    """Check what a card names of the catalogue.

    Names in the publication's own words are free: what is not recognised becomes a question.

    Raises
    ------
    InputError
        Names the first that nobody has, with a suggestion.
    """
    if card.claim.use:
        _known("use", card.claim.use, USES, f"{where}, [claim] use")
    for benchmark in card.benchmark:
        at = f"{where}, [[benchmark]] {benchmark.dataset[0] if benchmark.dataset else ''}".rstrip()
        if benchmark.protocol:
            try:
                read_protocol(benchmark.protocol)
            except InputError as error:
                raise InputError(error.what, where=f"{at}, protocol", mend=error.mend) from error
        for measured in benchmark.metrics:
            if measured.metric:
                _known("metric", measured.metric, (e.name for e in METRICS), f"{at}, metrics")
        for compared in benchmark.baselines:
            if compared.baseline:
                _known("baseline", compared.baseline, (e.name for e in BASELINES), f"{at}, baselines")
        for result in benchmark.results:
            names = [m.name for m in benchmark.metrics]
            if result.metric not in names:
                mend = did_you_mean(result.metric, names) if names else "list it under metrics"
                raise InputError(f"'{result.metric}' is none of its metrics", where=f"{at}, results", mend=mend)
    for note in card.leakage or ():
        _known("check", note.check, (e.name for e in CHECKS), f"{where}, [[leakage]] check")


def _known(kind: str, name: str, names: Iterable[str], where: str) -> None:
    known = list(names)
    if name not in known:
        raise InputError(f"no {kind} is called '{name}'", where=where, mend=did_you_mean(name, known))


def review_card(card: Card, sha256: str = "") -> ReviewRecord:
    """Say what the reported evidence supports.

    Parameters
    ----------
    sha256
        Hash of the card's file.

    Raises
    ------
    InputError
        If the card names a protocol, metric, baseline, check or use that nobody has.
    """
    check_names(card, f"card '{card.name}'")
    grave = tuple(f.sentence for f in judge_notes(card.leakage or ()) if f.blocks)
    names = titles(card.benchmark)
    reviewed = [review_benchmark(card, b, name, grave) for b, name in zip(card.benchmark, names, strict=True)]
    verdict = judge_reported(card.name, [r.evidence for r in reviewed])
    findings = [*_common(card, reviewed), *joined(reviewed)]
    own = [r for r, b in zip(reviewed, card.benchmark, strict=True) if not b.by] or reviewed
    asked = [*_common(card, own), *joined(own)]
    ordered = by_severity(findings)
    return ReviewRecord(
        card=card,
        card_sha256=sha256,
        version=metadata.version("vcassay"),
        level=verdict.ruling.level,
        rule=verdict.ruling.rule,
        speaks=next(iter(verdict.levels), ""),
        sentence=verdict.sentence,
        reasons=(*verdict.ruling.reasons, *(f.sentence for f in _unread(card)), *_heard(card, verdict.ruling.level)),
        would_change=verdict.ruling.would_change,
        benchmarks=tuple(r.record.model_copy(update={"level": verdict.levels[r.record.title]}) for r in reviewed),
        findings=tuple(stored(f) for f in ordered),
        missing=missing_of(card, own),
        questions=questions_of(card, own, asked),
    )


def _unread(card: Card) -> Iterator[Finding]:
    """What is not on the card may be in the publication."""
    if card.extent is not None and card.extent != "text":
        sentence = f"For this card {EXTENT[card.extent]}: what is missing on it may be reported there."
        yield Finding("extent", "Not read in full", Status.UNKNOWN, sentence, family="claim")


def _heard(card: Card, level: Level) -> Iterator[str]:
    """Who else is to be heard before a claim is given up."""
    if level is Level.NOT_SUPPORTED and card.dispute:
        who = " and ".join(dict.fromkeys(d.by for d in card.dispute))
        yield f"Others are to be heard, for and against, under the results: {who}."


def _disputed(dispute: Disputed) -> Finding:
    sentence = f"{dispute.sentence.rstrip('.')} ({dispute.by})."
    return Finding("dispute", "Others report otherwise", Status.WARN, sentence, family="results")


def _common(card: Card, reviewed: Sequence[Reviewed]) -> Iterator[Finding]:
    """Findings that speak of the card or of the model, whatever the benchmark."""
    yield from _unread(card)
    for dispute in card.dispute:
        yield _disputed(dispute)
    yield from judge_notes(card.leakage or ())
    yield from judge_biology(card.diagnostic, data_of(reviewed))
