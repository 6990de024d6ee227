"""No figure of a model depends on which others are asked, and none of anything on the order of genes."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split, find_related, make_claim
from vcassay.effects import measure
from vcassay.screen import make_screen
from vcassay.testing.biology import CASES
from vcassay.testing.planted import PlantedStudy

NAMED = [pytest.param(case, id=f"{case.diagnostic}: {case.planted}") for case in CASES]


def call_of(case, monkeypatch):
    """The study, diagnostic and answers that a case asks, and how to ask them."""
    made, run = [], PlantedStudy.run
    monkeypatch.setattr(PlantedStudy, "run", lambda self, *a, **k: made.append((self, a, k)) or run(self, *a, **k))
    case.present(0)
    study, (name, *answers), given = made[-1]

    def ask(of, *them):
        return {f.model: f for f in run(of, name, *them, **given)}

    return study, answers, given, ask


def said(found):
    """A sentence but for what depends on the number of models by design: adjusted p-values and intervals."""
    return re.sub(r"\(q = [^,;)]*|\([+-]\S+ to [+-]\S+\)", "", found.sentence)


def rounded(row):
    """A row of evidence without what is rounding."""
    return tuple(
        (k, f"{v:.6g}" if isinstance(v, float) and abs(v) > 1e-9 else v if isinstance(v, str) else 0)
        for k, v in row.items()
    )


def assert_same_numbers(one, two):
    for a, b in ((one.value, two.value), (one.null, two.null)):
        assert (a is None) == (b is None)
        assert a is None or a == pytest.approx(b, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("case", NAMED)
def test_a_further_model_changes_nothing_of_the_others(case, monkeypatch):
    study, answers, _, ask = call_of(case, monkeypatch)
    alone = ask(study, *answers)
    size = answers[0].values.shape
    further = study.answer(np.random.default_rng(9).standard_normal(size), "a further one")
    beside = ask(study, further, *answers)
    for model, found in alone.items():
        assert_same_numbers(found, beside[model])
        assert said(found) == said(beside[model])
        rows = {rounded(row) for row in beside[model].evidence}
        assert not [row for row in found.evidence if rounded(row) not in rows]


def reordered(study, order):
    """The same study with its genes in another order."""
    screen = make_screen(study.screen.adata[:, order].copy(), study.screen.design, name="planted")
    split = Split(screen.conditions, study.claim.split.roles)
    effects = measure(screen, train=split.train, panel=split.test, seed=0)
    claim = make_claim(split, related=find_related(screen.conditions, study.knowledge))
    return replace(study, screen=screen, effects=effects, claim=claim, delta=study.delta[:, order])


def answered(answer, order):
    ablations = {k: answered(own, order) for k, own in answer.ablations.items()}
    attribution = None if answer.attribution is None else answer.attribution[:, order]
    values, genes = answer.values[:, order], answer.genes[order]
    return replace(answer, values=values, genes=genes, attribution=attribution, ablations=ablations)


@pytest.mark.slow
@pytest.mark.parametrize("case", NAMED)
def test_the_order_of_genes_changes_nothing(case, monkeypatch):
    study, answers, given, ask = call_of(case, monkeypatch)
    order = np.random.default_rng(1).permutation(study.delta.shape[1])
    for key in ("without_genetic", "permuted_genetic"):
        given[key] = {name: answered(own, order) for name, own in given.get(key, {}).items()}
    moved = ask(reordered(study, order), *(answered(own, order) for own in answers))
    for key in ("without_genetic", "permuted_genetic"):
        given[key] = {name: answered(own, np.argsort(order)) for name, own in given[key].items()}
    for model, found in ask(study, *answers).items():
        assert found.status is moved[model].status
        assert_same_numbers(found, moved[model])
        assert found.sentence == moved[model].sentence
