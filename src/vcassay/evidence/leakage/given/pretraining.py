"""L21: whether a corpus that the model was pretrained on holds the screen, or its contexts perturbed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from vcassay.claim import Claim, Exposure, Split
from vcassay.core import Finding, Status
from vcassay.core.affected import Affected, affected_where
from vcassay.core.errors import first
from vcassay.core.finding import SEVERITY
from vcassay.core.regime import NEW_PERTURBATION
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.given.corpora import SHORTEST, held, identify, known_corpus
from vcassay.knowledge import Knowledge
from vcassay.knowledge.identifiers import letters
from vcassay.prediction import Disclosure
from vcassay.record.disclosure import Corpus

CORPORA_QUESTION = (
    "Which corpora was the model pretrained on (accessions, or hashes of barcodes), and were the test contexts and "
    "perturbations in them?"
)
ASK_SCREEN = "Under which accessions is the screen deposited ([data] accessions)?"
REMEDY = "Pretrain without these cells, or do not call the test contexts and perturbations unseen."


class Verdict(NamedTuple):
    """What is found of one corpus: status, words after its name, what to ask, and test contexts that it holds."""

    status: Status
    said: str
    question: str = ""
    contexts: tuple[str, ...] = ()
    screen: bool = False
    """Whether it holds the very screen."""


@check(
    "L21",
    title="Test data seen in pretraining",
    blocks=True,
    source="VCBench: corpora by accession; Csendes 2026 (Turbine)",
)
def pretraining_exposure(claim: Claim, knowledge: Knowledge, disclosure: Disclosure) -> Finding:
    """No corpus that the model was pretrained on holds the screen, or perturbed cells of its test contexts.

    FAIL (blocking) if a corpus is this screen or holds it, by accession or name, or is known to, unless it is
    declared to hold none of its perturbed cells, test perturbations or test contexts; FAIL if it is declared to hold
    these from elsewhere. WARN if a name speaks for it, or if a corpus holds perturbed cells of a test context. A
    corpus is cleared that has no perturbed cells or, as declared, none that are tested, that leaves out cell culture,
    is older than the screen's publication, or lists accessions of the screen's archive and not the screen's; the last
    two do not clear one with perturbed cells where perturbations are called unseen. UNKNOWN where pretraining is not
    declared and for every corpus that nothing clears; which data sets a corpus holds beyond the declared ones is
    known of a few (`corpora.KNOWN`).
    """
    if disclosure.pretraining is None:
        sentence = "Pretraining is not declared: unseen means unseen in training alone."
        return finding("L21", Status.UNKNOWN, sentence, question=CORPORA_QUESTION, blocks=False)
    if not disclosure.pretraining:
        return finding("L21", Status.PASS, "There was no pretraining on further data, as declared.")
    found = [(c, judge(c, claim, knowledge)) for c in disclosure.pretraining]
    answer = judge_corpora(found)
    if answer.status not in (Status.FAIL, Status.WARN):
        return answer
    return replace(answer, affected=_affected([v for _, v in found], claim.split))


def judge_corpora(found: Sequence[tuple[Corpus, Verdict]]) -> Finding:
    """L21 of what is found of each corpus."""
    found = sorted(found, key=lambda row: SEVERITY[row[1].status])
    status = found[0][1].status
    said = "; ".join(f"'{c.name}' {v.said}" for c, v in found)
    rows = [
        {"corpus": c.name, "status": v.status.value, "finding": v.said}
        | ({"test contexts in it": list(v.contexts[:5])} if v.contexts else {})
        | ({"why": c.why} if c.why else {})
        for c, v in found
    ]
    worst = sum(v.status in (Status.FAIL, Status.WARN) for _, v in found)
    more: dict[str, Any] = {"value": float(worst), "null": 0.0, "threshold": 0.0, "evidence": rows}
    if worst:
        more["remedy"] = REMEDY
    more["blocks"] = any(v.screen for _, v in found)
    if status is Status.UNKNOWN:
        more["question"] = " ".join(dict.fromkeys(v.question for _, v in found if v.question))
    return finding(
        "L21", status, f"Of {plural(len(found), 'pretraining corpus', 'pretraining corpora')}: {said}.", **more
    )


def judge(corpus: Corpus, claim: Claim, knowledge: Knowledge) -> Verdict:
    """What one corpus holds of the screen."""
    table = claim.split.conditions
    tested = shared_contexts(np.unique(table.context[claim.split.test]).tolist(), corpus.contexts, knowledge)
    any_of = shared_contexts(np.unique(table.context).tolist(), corpus.contexts, knowledge)
    unseen = int(np.isin(claim.novelty.regime, NEW_PERTURBATION).sum())
    words = f"the perturbations of {plural(unseen, 'test condition')} that are called unseen" if unseen else ""
    return judge_corpus(corpus, claim.exposure, tested, elsewhere=bool(any_of) and not tested, unseen=words)


def judge_corpus(
    corpus: Corpus, exposure: Exposure, tested: tuple[str, ...], *, elsewhere: bool, unseen: str
) -> Verdict:
    """What one corpus holds of a screen, by what is declared of both.

    Parameters
    ----------
    tested
        Test contexts that it names.
    elsewhere
        Whether it names contexts of the screen, none of them tested.
    unseen
        Perturbations that are called unseen, in words; empty if there are none.
    """
    by = holding(corpus, exposure.accessions)
    why = f" (justified: {corpus.why.rstrip('.')})" if corpus.why else ""
    if by:
        if corpus.perturbed is False:
            return Verdict(Status.PASS, f"holds unperturbed cells of this screen alone, as declared ({by})", "", tested)
        if corpus.holds_test is False or elsewhere:
            return Verdict(Status.PASS, f"holds this screen without what is tested, as declared ({by})")
        return Verdict(Status.FAIL, f"holds this screen ({by}){why}", "", tested, screen=True)
    if tested and corpus.perturbed:
        return Verdict(Status.WARN, f"holds perturbed cells of {_contexts(tested)}{why}", "", tested)
    if corpus.holds_test:
        said = f"holds perturbed cells of test perturbations or contexts, as declared{why}"
        return Verdict(Status.FAIL, said, "", tested)
    if corpus.holds_test is None and (named := _alike(corpus.name, exposure.accessions)):
        return Verdict(Status.WARN, f"seems to hold this screen, which is called '{named}'{why}", "", tested)
    if corpus.holds_test is False:
        return Verdict(Status.PASS, "holds perturbed cells of no test perturbation or context, as declared")
    listed = f", and {_contexts(tested)} among its contexts" if tested else ""
    if corpus.perturbed is False:
        return Verdict(Status.PASS, f"holds no perturbed cells, as declared{listed}", "", tested)
    known = known_corpus(corpus.name)
    if known is not None and known.excludes_culture:
        return Verdict(Status.PASS, f"leaves out cell culture ({known.source}){listed}", "", tested)
    if tested:
        question = f"Does '{corpus.name}' hold perturbed cells?"
        return Verdict(
            Status.UNKNOWN, f"holds {_contexts(tested)}; whether perturbed is not declared", question, tested
        )
    if corpus.perturbed and unseen:
        question = f"Does '{corpus.name}' hold cells of test perturbations (holds_test)?"
        return Verdict(Status.UNKNOWN, f"holds perturbed cells; whether of {unseen} is not declared", question)
    if exposure.truth == "private":
        return Verdict(Status.PASS, "cannot hold the held-out truth, which is private, as stated")
    if corpus.released is not None and exposure.since is not None and corpus.released < exposure.since:
        days = f"is of {corpus.released.isoformat()}, before the screen was public ({exposure.since.isoformat()})"
        return Verdict(Status.PASS, days)
    return _by_archive(corpus, exposure, mined=known is not None and known.mined)


def _by_archive(corpus: Corpus, exposure: Exposure, *, mined: bool) -> Verdict:
    """Whether the corpus's accessions could have named the screen."""
    own = {identify(x).archive for x in exposure.accessions} - {"name"}
    theirs = [identify(x).archive for x in corpus.accessions]
    comparable = sum(archive in own for archive in theirs)
    if comparable:
        screen = first((x for x in exposure.accessions if identify(x).archive in set(theirs)), 3)
        return Verdict(
            Status.PASS, f"lists {plural(comparable, 'accession')} of the screen's archive, none of them {screen}"
        )
    if corpus.contexts and corpus.perturbed is not None:
        return Verdict(
            Status.PASS, f"holds {plural(len(corpus.contexts), 'context')}, none of them tested, as declared"
        )
    if mined:
        question = f"Are the screen's samples in '{corpus.name}', which is mined from public archives?"
        return Verdict(Status.UNKNOWN, "is mined from public archives, and may hold this screen", question)
    if not own:
        return Verdict(Status.UNKNOWN, "cannot be compared: the study states no accession of the screen", ASK_SCREEN)
    lists = "lists accessions of other archives than the screen's" if theirs else "lists no accession"
    return Verdict(Status.UNKNOWN, f"{lists}: whether it holds this screen is not known", CORPORA_QUESTION)


def holding(corpus: Corpus, ids: Iterable[str]) -> str:
    """By what a corpus holds the screen: an accession or a name, in words; empty if nothing says so."""
    ids = tuple(ids)
    own = {identify(x) for x in ids}
    for text in (*corpus.accessions, corpus.name):
        found = identify(text)
        if found in own and found.number:
            return f"by {text if found.archive == 'name' else found.number}"
    known = known_corpus(corpus.name)
    if known is not None and (named := held(ids, known.holds)):
        return f"'{named}' is part of it: {known.source}"
    return ""


def _alike(name: str, ids: Iterable[str]) -> str:
    """A screen's name that holds the corpus's, or is held by it."""
    own = identify(name)
    for text in ids:
        other = identify(text)
        long = min(len(own.number), len(other.number)) >= SHORTEST
        within = own.number in other.number or other.number in own.number
        if own.archive == other.archive == "name" and long and within:
            return text
    return ""


def shared_contexts(contexts: Iterable[str], listed: Iterable[str], knowledge: Knowledge) -> tuple[str, ...]:
    """Contexts that a list names, by spelling or, with cell lines handed in, as the same line."""
    mine, theirs = tuple(contexts), tuple(listed)
    spelt = {letters(x) for x in theirs}
    lines = knowledge.cell_lines
    found = {} if lines is None or not theirs else lines.find([*mine, *theirs]).found
    accessions = {found[x] for x in theirs if x in found}
    return tuple(c for c in mine if letters(c) in spelt or found.get(c) in accessions)


def _affected(verdicts: list[Verdict], split: Split) -> Affected:
    """Test conditions whose context is in an exposed corpus; all where the corpus holds the screen as a whole."""
    accused = [v for v in verdicts if v.status in (Status.FAIL, Status.WARN)]
    contexts = split.conditions.context[split.test]
    if any(not v.contexts for v in accused):
        return affected_where("which a pretraining corpus may hold", np.ones(len(contexts), dtype=bool))
    touched = np.isin(contexts, sorted({c for v in accused for c in v.contexts}))
    return affected_where("whose context is in a pretraining corpus", touched)


def _contexts(names: tuple[str, ...]) -> str:
    return f"the test {'context' if len(names) == 1 else 'contexts'} {first(names, 3)}"
