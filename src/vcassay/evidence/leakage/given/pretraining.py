"""L21: whether a corpus that the model was pretrained on holds the screen, or its contexts perturbed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from vcassay.claim import Claim, Exposure, Split
from vcassay.core import Finding, Status
from vcassay.core.affected import affected_where
from vcassay.core.errors import first
from vcassay.core.finding import SEVERITY
from vcassay.evidence.leakage.check import check, finding, plural
from vcassay.evidence.leakage.given.corpora import SHORTEST, held, identify, known_corpus
from vcassay.knowledge import Knowledge
from vcassay.knowledge.identifiers import letters
from vcassay.prediction import Disclosure
from vcassay.prediction.disclosure import Corpus

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


@check("L21", title="Seen in pretraining", source="VCBench: corpora by accession; Csendes 2026 (Turbine)")
def pretraining_exposure(split: Split, claim: Claim, knowledge: Knowledge, disclosure: Disclosure) -> Finding:
    """No corpus that the model was pretrained on holds the screen, or perturbed cells of its test contexts.

    FAIL (blocking) if a corpus is this screen or holds it, by accession or name, or is known to, unless it is
    declared to hold none of its perturbed cells or none of its test contexts. WARN if a name speaks for it, or if a
    corpus holds perturbed cells of a test context. A corpus is cleared that has no perturbed cells, leaves out cell
    culture, is older than the screen's publication, or lists accessions of the archive in which the screen is and
    not the screen's. UNKNOWN where pretraining is not declared and for every corpus that nothing clears; which data
    sets a corpus holds beyond the declared ones is known of a few (`corpora.KNOWN`).
    """
    if disclosure.pretraining is None:
        sentence = "Pretraining is not declared: unseen means unseen in training alone."
        return finding("L21", Status.UNKNOWN, sentence, question=CORPORA_QUESTION)
    if not disclosure.pretraining:
        return finding("L21", Status.PASS, "There was no pretraining on further data, as declared.")
    found = [(c, judge(c, claim.exposure, split, knowledge)) for c in disclosure.pretraining]
    found.sort(key=lambda row: SEVERITY[row[1].status])
    status = found[0][1].status
    said = "; ".join(f"'{c.name}' {v.said}" for c, v in found)
    rows = [
        {
            "corpus": c.name,
            "status": v.status.value,
            "finding": v.said,
            "accessions": list(c.accessions[:5]),
            "test contexts in it": list(v.contexts[:5]),
            "why": c.why,
        }
        for c, v in found
    ]
    worst = sum(v.status in (Status.FAIL, Status.WARN) for _, v in found)
    more: dict[str, Any] = {"value": float(worst), "null": 0.0, "threshold": 0.0, "evidence": rows}
    if worst:
        more |= {"remedy": REMEDY, "affected": _affected([v for _, v in found], split)}
    if status is Status.FAIL:
        more["blocks"] = True
    if status is Status.UNKNOWN:
        more["question"] = " ".join(dict.fromkeys(v.question for _, v in found if v.question))
    return finding("L21", status, f"Of {len(found)} pretraining {_corpora(len(found))}: {said}.", **more)


def judge(corpus: Corpus, exposure: Exposure, split: Split, knowledge: Knowledge) -> Verdict:
    """What one corpus holds of the screen."""
    known = known_corpus(corpus.name)
    table = split.conditions
    tested = shared_contexts(np.unique(table.context[split.test]).tolist(), corpus.contexts, knowledge)
    any_of = shared_contexts(np.unique(table.context).tolist(), corpus.contexts, knowledge)
    by = holding(corpus, exposure.accessions)
    why = f" (justified: {corpus.why.rstrip('.')})" if corpus.why else ""
    if by:
        if corpus.perturbed is False:
            return Verdict(Status.PASS, f"holds unperturbed cells of this screen alone, as declared ({by})", "", tested)
        if any_of and not tested:
            return Verdict(Status.PASS, f"holds this screen without its test contexts, as declared ({by})")
        return Verdict(Status.FAIL, f"holds this screen ({by}){why}", "", tested)
    if tested and corpus.perturbed:
        return Verdict(Status.WARN, f"holds perturbed cells of {_contexts(tested)}{why}", "", tested)
    if named := _alike(corpus.name, exposure.accessions):
        return Verdict(Status.WARN, f"seems to hold this screen, which is called '{named}'{why}", "", tested)
    listed = f", and {_contexts(tested)} among its contexts" if tested else ""
    if corpus.perturbed is False:
        return Verdict(Status.PASS, f"holds no perturbed cells, as declared{listed}", "", tested)
    if known is not None and known.excludes_culture:
        return Verdict(Status.PASS, f"leaves out cell culture ({known.source}){listed}", "", tested)
    if tested:
        question = f"Does '{corpus.name}' hold perturbed cells?"
        return Verdict(
            Status.UNKNOWN, f"holds {_contexts(tested)}; whether perturbed is not declared", question, tested
        )
    if exposure.truth == "private":
        return Verdict(Status.PASS, "cannot hold the held-out truth, which is private, as stated")
    if corpus.released is not None and exposure.since is not None and corpus.released < exposure.since:
        return Verdict(
            Status.PASS,
            f"is of {corpus.released.isoformat()}, before the screen was public ({exposure.since.isoformat()})",
        )
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


def _affected(verdicts: list[Verdict], split: Split) -> Any:
    """Test conditions whose context is in an exposed corpus; all where the corpus holds the screen as a whole."""
    accused = [v for v in verdicts if v.status in (Status.FAIL, Status.WARN)]
    contexts = split.conditions.context[split.test]
    if any(not v.contexts for v in accused):
        return affected_where("which a pretraining corpus may hold", np.ones(len(contexts), dtype=bool))
    touched = np.isin(contexts, sorted({c for v in accused for c in v.contexts}))
    return affected_where("whose context is in a pretraining corpus", touched)


def _contexts(names: tuple[str, ...]) -> str:
    return f"the test {'context' if len(names) == 1 else 'contexts'} {first(names, 3)}"


def _corpora(n: int) -> str:
    return "corpus" if n == 1 else "corpora"
