"""L18, L18m: whether a prior knows the held-out responses; of what baselines read, and of what a model read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vcassay.claim import Split
from vcassay.core import Finding, Status
from vcassay.core.affected import Affected, affected_where
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.given.prior_alignment import (
    PRIOR_ALIGNED,
    REFERENCE_KINDS,
    Suspect,
    judge,
    line_up,
    same_features,
)
from vcassay.evidence.leakage.given.responses import rows_of
from vcassay.evidence.leakage.refusal import not_tested
from vcassay.knowledge import Features, Knowledge, annotation_pca, network_embedding
from vcassay.prediction import Disclosure, Materials

MADE_QUESTION = "From which data were these features made, and do they hold responses of the test conditions?"
FILE_QUESTION = "Can the features be handed in, an id in the first column, to be compared with the held-out responses?"
REMEDY = "Make the features without these responses, or give them to every baseline and claim no unseen response."


@check("L18", title="Priors that know the held-out responses", source="Song et al. 2012, J Mach Learn Res 13:1393")
def response_priors(
    effects: Effects, split: Split, knowledge: Knowledge, rng: np.random.Generator
) -> Finding | tuple[Finding, ...]:
    """No prior that baselines read aligns with held-out responses better than annotation can.

    Centred kernel alignment (unbiased, freed of the noise of cells by disjoint halves) of prior and responses over the
    test perturbations. WARN if it exceeds `PRIOR_ALIGNED`, nearest neighbours in the prior beat permuted ones, and it
    exceeds the best annotation or network at hand by 2 standard deviations (of permutations, or of the jackknife where
    that is larger), or `PRIOR_ALIGNED` by 2 jackknife errors where no reference exceeds that, or the alignment with
    training responses by 3. WARN, too, from `PRIOR_WHOLE` on, where the responses are resembled as by themselves. Not
    where the training responses of the same perturbations in other contexts are resembled more.
    Responses of another screen of the same perturbations look the same as a leak. Priors of kind ``response`` are
    named and judged alike. A prior that knows none of the test perturbations, such as gene sets beside drugs, gives
    baselines nothing there and is no open question. UNKNOWN with fewer than 10 test perturbations, or where halves of
    the responses do not agree; NA without priors that know any.
    """
    made = embedded(knowledge)
    own = [*knowledge.features, *made]
    if not own:
        return finding("L18", Status.NA, "No prior features of perturbations are handed in.")
    if (stop := not_tested("L18", split)) is not None:
        return stop
    lineup = line_up(effects, split, knowledge.genes, rng)
    if lineup.refused:
        sentence = f"Whether a prior knows the held-out responses cannot be measured: {lineup.refused}."
        return finding("L18", Status.UNKNOWN, sentence, question=MADE_QUESTION)
    found = judge(lineup, own, references(knowledge, made), rng)
    idle = [s for s in found if not s.known]
    if len(idle) == len(found):
        names = first((s.features.name for s in idle), 3)
        sentence = f"None of {plural(len(found), 'prior')} handed in knows a test perturbation ({names})."
        return finding("L18", Status.NA, sentence, evidence=[s.row() for s in idle])
    return _finding("L18", [s for s in found if s.known], effects, split, knowledge, "handed in", idle=idle)


@check("L18m", title="Model priors that know the held-out responses", source="Wenkel et al. 2025 (TxPert), their maps")
def model_response_priors(
    effects: Effects,
    split: Split,
    knowledge: Knowledge,
    disclosure: Disclosure,
    materials: Materials,
    rng: np.random.Generator,
) -> Finding:
    """No prior that a model declares aligns with held-out responses better than annotation can.

    The rule of L18, for the features that come with a file. A prior that is declared to be made of responses is a WARN
    whatever it aligns with: a baseline must get the same features, and the sentence says whether one does. UNKNOWN
    where priors are not declared, come without a file or cannot be measured.
    """
    if disclosure.priors is None:
        return finding("L18m", Status.UNKNOWN, "Prior features are not declared.", question=MADE_QUESTION)
    if not disclosure.priors:
        return finding("L18m", Status.PASS, "The model declares that it reads no prior features.")
    declared = [p.name for p in disclosure.priors if p.kind == "response"]
    given = [f for name, f in materials.features.items() if name in {p.name for p in disclosure.priors}]
    absent = [p.name for p in disclosure.priors if p.name not in materials.features]
    lineup = line_up(effects, split, knowledge.genes, rng) if given and len(split.test) else None
    refused = "there are no test conditions" if lineup is None else lineup.refused
    found = () if lineup is None or refused else judge(lineup, given, references(knowledge, embedded(knowledge)), rng)
    rows: list[Mapping[str, Any]] = [{"not compared": n, "reason": "it came without a file"} for n in absent]
    if refused and given:
        rows += [{"not compared": f.name, "reason": refused} for f in given]
    if not declared:
        return _finding("L18m", found, effects, split, knowledge, "declared", rows)
    why = {p.name: p.why for p in disclosure.priors}
    shared = [n for n in declared if read_by_baselines(n, materials, knowledge)]
    alone = [n for n in declared if n not in shared]
    text = f"{plural(len(declared), 'prior')} made of responses: {first(declared, 3)}"
    text += "; a prior baseline must get the same features, and "
    text += "does" if not alone else f"does not get {first(alone, 3)}"
    measured = [s for s in found if s.test is not None]
    if measured:
        text += "; " + ", ".join(_aligned(s) for s in measured[:3])
    facts = [
        {"prior": n, "kind": "response", "baselines read it": "no" if n in alone else "yes", "why": why[n]}
        for n in declared
    ]
    held = [f for f in given if f.name in declared or any(s.features is f and s.why for s in found)]
    return finding(
        "L18m",
        Status.WARN,
        f"{text}.",
        value=max((s.test.value for s in measured if s.test), default=None),
        null=0.0,
        threshold=PRIOR_ALIGNED.value,
        evidence=[*facts, *(s.row() for s in _first_suspects(found)), *rows],
        remedy="Hand the features in under [knowledge], so that baselines read them too." if alone else "",
        affected=_affected(held, effects, split, knowledge) if held else None,
    )


def embedded(knowledge: Knowledge) -> tuple[Features, ...]:
    """Features made of the gene sets and networks."""
    if knowledge.embeddings:
        return knowledge.embeddings
    return (*map(annotation_pca, knowledge.gene_sets), *map(network_embedding, knowledge.relations))


def references(knowledge: Knowledge, made: Sequence[Features]) -> tuple[Features, ...]:
    """Priors known to hold no responses: what is made of gene sets and networks, and features of these kinds."""
    return (*made, *(f for f in knowledge.features if f.kind in REFERENCE_KINDS))


def read_by_baselines(name: str, materials: Materials, knowledge: Knowledge) -> bool:
    """Whether a model's prior is among what baselines read, by its name or by what it holds."""
    own = materials.features.get(name)
    if any(own is not None and same_features(own, f) for f in (*knowledge.features, *knowledge.context_features)):
        return True
    names = {r.name.casefold() for r in knowledge.resources}
    names |= {f.name.casefold() for f in (*knowledge.features, *knowledge.context_features, *knowledge.embeddings)}
    return name.casefold() in names


def _finding(
    name: str,
    found: Sequence[Suspect],
    effects: Effects,
    split: Split,
    knowledge: Knowledge,
    origin: str,
    more: Sequence[Mapping[str, Any]] = (),
    idle: Sequence[Suspect] = (),
) -> Finding:
    """Sum up what was found of several priors; ``idle`` ones know no test perturbation and are listed alone."""
    measured = [s for s in found if s.test is not None]
    suspects = [s for s in measured if s.why]
    rows = [*(s.row() for s in _first_suspects(found)), *more, *(s.row() for s in idle)]
    unmeasured = len(found) - len(measured) + len(more)
    numbers: dict[str, Any] = {"null": 0.0, "threshold": PRIOR_ALIGNED.value, "evidence": rows}
    left = f"; {unmeasured} could not be compared" if unmeasured else ""
    left += f"; {len(idle)} more {'knows' if len(idle) == 1 else 'know'} no test perturbation" if idle else ""
    if suspects:
        top = suspects[0]
        text = "; ".join(f"{_aligned(s)}, {s.why}" for s in suspects[:3])
        return finding(
            name,
            Status.WARN,
            f"{plural(len(suspects), 'prior')} of {len(measured)} {origin} may hold responses to the test "
            f"perturbations, of this screen or of another: {text}{left}.",
            value=top.test.value if top.test else None,
            remedy=REMEDY,
            question=MADE_QUESTION,
            affected=_affected([s.features for s in suspects], effects, split, knowledge),
            **numbers,
        )
    if not measured:
        reasons = first(dict.fromkeys(str(r["reason"]) for r in rows if "reason" in r), 2)
        sentence = (
            f"None of {plural(unmeasured, 'prior')} {origin} could be compared with held-out responses: {reasons}."
        )
        return finding(name, Status.UNKNOWN, sentence, question=FILE_QUESTION, evidence=rows)
    best = max(measured, key=lambda s: s.test.value if s.test else -np.inf)
    sentence = (
        f"No prior of {len(measured)} {origin} knows the held-out responses; the closest, {_aligned(best)}{left}."
    )
    # what came without a file may be the one that knows them
    status = Status.UNKNOWN if more or len(measured) < unmeasured else Status.PASS
    question = FILE_QUESTION if status is Status.UNKNOWN else ""
    return finding(name, status, sentence, value=best.test.value if best.test else None, question=question, **numbers)


def _aligned(s: Suspect) -> str:
    """How far a prior aligns, in words."""
    if s.test is None:
        return s.features.name
    text = f"{s.features.name}, aligns with the responses to {s.test.n} of {s.wanted} test perturbations by "
    text += f"{s.test.value:.2f} (permuted 0.00, SD {s.test.spread:.2f}"
    text += "" if s.training is None else f"; with training responses {s.training.value:.2f}"
    return f"{text}; nearest neighbours {s.test.neighbours:.2f}, permuted {s.test.neighbours_null:.2f})"


def _first_suspects(found: Sequence[Suspect]) -> list[Suspect]:
    """The suspected first, then the most aligned."""
    return sorted(found, key=lambda s: (not s.why, s.test is None, -(s.test.value if s.test else 0.0)))


def _affected(priors: Sequence[Features], effects: Effects, split: Split, knowledge: Knowledge) -> Affected:
    """Test conditions whose perturbation such a prior knows."""
    parts = effects.conditions.take(split.test).parts
    known = np.logical_or.reduce([rows_of(prior, parts, knowledge.genes)[1] for prior in priors])
    return affected_where("whose features may hold responses", np.asarray(known))
