"""What a reader misses, and the questions to send to the authors: few, the most decisive first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vcassay.claim.reported import USE_QUESTION
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.baselines.reported.ladder import scored
from vcassay.evidence.biology.reported import Data, shows
from vcassay.evidence.leakage.reported import ASKED
from vcassay.record.card import Card
from vcassay.record.review import QuestionRecord
from vcassay.run.reviewed import Reviewed, data_of

MOST = Threshold("review_most_questions", 15, "more are not answered: those beyond stay findings without a question")

WHY: dict[str, str] = {
    "split": "without it no score claims anything in particular",
    "use": "a split is judged by what the result is for",
    "T3": "what domain knowledge buys may be all of the gain",
    "T4": "how much of what is attainable is attained is otherwise not known",
    "ladder": "a score alone does not tell how hard the task is",
    "no_results": "without numbers no gain can be judged",
    "intervals": "a gain within the luck of the split is none",
    "metrics": "a score of expression itself is mostly the identity of cells",
    "strength": "of effects near zero a correlation measures noise",
    "scalar": "pooled, the means of perturbations alone score highly",
    "rivals": "complex models against complex models say nothing of how hard the task is",
    "retrieval": "an easy panel, or the perturbed gene itself, retrieves without biology",
    "unclear": "of expression itself, no change scores highly",
    "unrecognised": "what is not known cannot be judged",
    "ceiling": "a score beyond a replicate needs the noise of the scored cells",
}
"""What hangs on an answer, by check; leakage checks have their own reasons."""

FIRST: tuple[tuple[str, str], ...] = (
    ("claim", "split"),
    ("baselines", ""),
    ("results", "no_results"),
    ("metrics", "metrics"),
    ("leakage", "L21"),
    ("leakage", "L24"),
    ("leakage", "L29"),
    ("metrics", "intervals"),
    ("metrics", "scalar"),
    ("metrics", "strength"),
    ("leakage", ""),
    ("metrics", ""),
    ("results", ""),
    ("claim", ""),
)
"""Order of questions: family and check, empty for the others of the family."""
PARTS = 4
"""Questions of biology that are asked together."""


def questions_of(card: Card, reviewed: Sequence[Reviewed], findings: Sequence[Finding]) -> tuple[QuestionRecord, ...]:
    """Questions to the authors, each once, the most decisive first, at most `MOST`."""
    reasons = WHY | {a.check: a.why for a in ASKED}
    asked: dict[str, QuestionRecord] = {}
    open_ = [f for f in findings if f.question and f.family != "biology"]
    wanted = [set(scored(f.question)) for f in open_]
    open_ = [f for f, own in zip(open_, wanted, strict=True) if not own or not any(own < w for w in wanted)]
    for found in sorted(open_, key=_rank):
        why = reasons.get(found.check, found.title[:1].lower() + found.title[1:])
        record = QuestionRecord(question=found.question, why=why, check=found.check)
        asked.setdefault(found.question, record)
    rest = list(_biology(findings, data_of(reviewed)))
    if not card.claim.use:
        rest.insert(0, QuestionRecord(question=USE_QUESTION, why=WHY["use"], check="use"))
    return (*list(asked.values())[: int(MOST.value) - len(rest)], *rest)


def _rank(found: Finding) -> int:
    exact = (found.family, found.check)
    return FIRST.index(exact) if exact in FIRST else FIRST.index((found.family, ""))


def _biology(findings: Sequence[Finding], data: Data) -> Iterator[QuestionRecord]:
    """One question for the rooms in which nothing is measured."""
    rooms = [f.check for f in findings if f.family == "biology" and f.status in (Status.UNKNOWN, Status.WARN)]
    if not rooms:
        return
    parts = "; ".join(f"({'abcd'[i]}) {shows(room, data)}" for i, room in enumerate(rooms[:PARTS]))
    if len(rooms) == 1:
        parts = parts.removeprefix("(a) ")
    what = "this" if len(rooms) == 1 else "any of this"
    question = f"Was {what} measured, beside a null and a simple baseline: {parts}?"
    yield QuestionRecord(question=question, why="a good average may rest on shortcuts", check=rooms[0])


DOMAIN, SUCH_AS = "a domain-informed baseline (T3)", ", such as "


def missing_of(card: Card, reviewed: Sequence[Reviewed]) -> tuple[str, ...]:
    """What a reader needs and the publication does not report, in short words."""
    rows = list(dict.fromkeys(_missing(card, reviewed)))
    domain = [row for row in rows if row.startswith(DOMAIN)]
    if len(domain) > 1:
        such = [row.removeprefix(DOMAIN).removeprefix(SUCH_AS) for row in domain]
        rows[rows.index(domain[0])] = f"{DOMAIN}{SUCH_AS}{' or '.join(s for s in such if s)}"
    return tuple(row for row in rows if row not in domain[1:])


def _missing(card: Card, reviewed: Sequence[Reviewed]) -> Iterator[str]:
    if not reviewed:
        yield "a benchmark"
    for r in reviewed:
        if not r.record.regime:
            yield "a description of the split"
        yield from r.evidence.needed
    evidence = [r.evidence for r in reviewed]
    if any(not e.compared and not e.unread for e in evidence):
        yield "a simple baseline"
    if any(e.compared and e.usable and not (e.won or e.lost or e.unresolved or e.unread) for e in evidence):
        yield "a number beside a baseline's"
    if any(not e.interval for e in evidence):
        yield "intervals"
    if any(not e.ceiling for e in evidence):
        yield "a replicate reference (noise ceiling)"
    if any(not e.usable for e in evidence):
        yield "a metric of changes from control"
    if any(f.check == "strength" and f.question for r in reviewed for f in r.findings):
        yield "scores by effect size or reproducibility"
    if card.disclosure.pretraining is None:
        yield "what it was pretrained on"
    if card.disclosure.selection is None:
        yield "how it was chosen"
    if card.leakage is None:
        yield "an audit for leakage"
    if not any(d.shown == "measured" for d in card.diagnostic or ()):
        yield "measured biology"
    if not card.availability.code:
        yield "code"
