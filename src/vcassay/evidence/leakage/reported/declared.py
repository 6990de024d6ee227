"""Declared: what the entries of a disclosure answer, by the rules of the checks that a submission goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from vcassay.core import Finding, Status
from vcassay.core.errors import first
from vcassay.core.finding import SEVERITY
from vcassay.core.regime import NEW_CONTEXT, NEW_PERTURBATION
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.cells.nuisance import reads_tallies
from vcassay.evidence.leakage.check import finding
from vcassay.evidence.leakage.given.graphs import judge_graph
from vcassay.evidence.leakage.given.pretraining import judge_corpora, judge_corpus, shared_contexts
from vcassay.evidence.leakage.given.priors import UNSEEN, judge_prior, judge_younger
from vcassay.evidence.leakage.given.reuse import judge_reuse
from vcassay.evidence.leakage.given.selection import declared_choice
from vcassay.evidence.leakage.reported.asked import ASKED, Benched
from vcassay.evidence.leakage.roles.filtered import judge_filters
from vcassay.knowledge import Knowledge
from vcassay.record.disclosure import Disclosure

NOTHING_KNOWN = Knowledge()
CALLED_UNSEEN = frozenset({*NEW_CONTEXT, *NEW_PERTURBATION})
"""Regimes that call something unseen: cells of it in pretraining, with or without labels, then refute the claim."""


def declared(check: str, disclosure: Disclosure, bench: Benched) -> Finding | None:
    """What a disclosure answers to a check.

    Returns
    -------
    ``None`` where the check is not one of declarations, or nothing is declared of it.
    """
    rule = RULES.get(check)
    return rule(disclosure, bench) if rule is not None else None


def exposed(disclosure: Disclosure, bench: Benched) -> Literal["yes", "no", "unknown"]:
    """Whether pretraining held perturbed cells of what is tested, as far as it is declared or known of a corpus."""
    if disclosure.pretraining is None:
        return "unknown"
    found = _pretraining(disclosure, bench)
    if found is None or found.status is Status.PASS:
        return "no"
    return "yes" if found.status in (Status.FAIL, Status.WARN) else "unknown"


def _pretraining(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if disclosure.pretraining is None:
        return None
    if not disclosure.pretraining:
        return finding("L21", Status.PASS, "There was no pretraining on further data, as declared.")
    unseen = "perturbations that are called unseen" if set(bench.regimes) & set(NEW_PERTURBATION) else ""
    found = []
    for corpus in disclosure.pretraining:
        tested = shared_contexts(bench.contexts, corpus.contexts, NOTHING_KNOWN)
        found.append((corpus, judge_corpus(corpus, bench.exposure, tested, elsewhere=False, unseen=unseen)))
    answer = judge_corpora(found)
    return replace(answer, blocks=answer.blocks and bool(set(bench.regimes) & CALLED_UNSEEN))


def _priors(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if disclosure.priors is None:
        return None
    if not disclosure.priors:
        return finding("L31", Status.PASS, "The model reads no prior features, as declared.")
    unseen = bool(set(bench.regimes) & UNSEEN)
    judged = [(p, *judge_prior(p, unseen=unseen)) for p in disclosure.priors]
    judged.sort(key=lambda row: SEVERITY[row[1]])
    worst = judged[0][1]
    said = "; ".join(f"'{p.name}': {why}" for p, status, why in judged if status is worst)
    alike = "" if worst in (Status.PASS, Status.UNKNOWN) else "; baselines need the same features"
    rows = [{"prior": p.name, "status": status.value, "reason": why, "why": p.why} for p, status, why in judged]
    sentence = f"Of {plural(len(judged), 'declared prior')}: {said}{alike}."
    return finding("L31", worst, sentence, evidence=rows, question=_asked("L31") if worst is Status.UNKNOWN else "")


def _graphs(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if disclosure.graphs is None:
        return None
    if not disclosure.graphs:
        return finding("L32", Status.PASS, "The model uses no graph of perturbations, as declared.")
    judged = sorted(((g, *judge_graph(g, None)) for g in disclosure.graphs), key=lambda row: SEVERITY[row[1]])
    worst = judged[0][1]
    words = "; ".join(f"'{g.name}' {said}" for g, _, said in judged)
    sentence = f"Of {plural(len(judged), 'graph')}: {words}."
    return finding("L32", worst, sentence, question=_asked("L32") if worst is Status.UNKNOWN else "")


def _genes(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if disclosure.genes is None and disclosure.scaling is None:
        return None
    parts = [declared_choice("genes", disclosure.genes, disclosure)]
    parts.append(declared_choice("scales and components", disclosure.scaling, disclosure))
    worst = min((p.status for p in parts), key=SEVERITY.__getitem__)
    question = _asked("L17m") if worst is Status.UNKNOWN else ""
    return finding("L17m", worst, f"{capital('; '.join(p.text for p in parts))}.", question=question)


def _filters(disclosure: Disclosure, bench: Benched) -> Finding | None:
    return None if disclosure.filters is None else judge_filters(disclosure, None)


def _reuse(disclosure: Disclosure, bench: Benched) -> Finding | None:
    silent = disclosure.selection is None and disclosure.looks is None and disclosure.submissions is None
    if not silent:
        return judge_reuse(disclosure, None)
    if bench.exposure.truth != "private":
        return None
    sentence = "The held-out truth is private, as stated: nobody could choose on it without being counted."
    return finding("L29", Status.PASS, sentence)


def _inputs(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if disclosure.inputs is None:
        return None
    told = reads_tallies(disclosure.input_names or ())
    if not told:
        return finding("L20m", Status.PASS, "No input hands over numbers of cells, depth or quality, as declared.")
    sentence = f"The model reads {first(told, 3)}, which may tell the strength of a perturbation."
    return finding("L20m", Status.WARN, sentence, remedy="Predict with equal numbers for every test condition.")


def _younger(disclosure: Disclosure, bench: Benched) -> Finding | None:
    if not (disclosure.priors or disclosure.graphs):
        return None
    found = judge_younger(disclosure, bench.exposure)
    return found if found.status is Status.WARN else None


RULES: dict[str, Callable[[Disclosure, Benched], Finding | None]] = {
    "L17m": _genes,
    "L19m": _filters,
    "L20m": _inputs,
    "L21": _pretraining,
    "L23m": _younger,
    "L29": _reuse,
    "L31": _priors,
    "L32": _graphs,
}
"""Checks of what is declared, by name."""


def _asked(check: str) -> str:
    return next(a.question for a in ASKED if a.check == check)
