"""Every diagnostic of the room on screens that cannot be asked, or only in part: a sentence, never a crash."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.core.finding import AMISS
from vcassay.knowledge import GeneSets, Knowledge, Relations, Resource
from vcassay.simulate.ablations import disturbances
from vcassay.testing.biology.attributions import GENES, NAMES, make_world
from vcassay.testing.planted import PlantedStudy, of_model, plant

NAMED = (
    "variance_shares",
    "context_identity",
    "batch_decoder",
    "input_use",
    "nuisance_genes",
    "attributed_genes",
)


@cache
def world(seed: int = 0, size: float = 1.0, wells: int = 8, contexts: int = 3) -> PlantedStudy:
    rng = np.random.default_rng(seed)
    made = make_world(rng)
    keep = np.isin(made.conditions.context, [f"line{c}" for c in range(contexts)])
    return plant(
        made.conditions.take(keep), size * made.delta[keep], np.ones(keep.sum(), bool), rng, genes=NAMES, wells=wells
    )


def model(study: PlantedStudy, values=None, **more):
    """A model with everything that a model can hand in."""
    rng = np.random.default_rng(7)
    values = study.delta + 0.2 * rng.standard_normal(study.delta.shape) if values is None else values
    changes = disturbances(study.effects.conditions, rng)
    ablations = {k: study.answer(f(values), k) for k, f in changes.items()}
    return study.answer(values, attribution=np.abs(values), ablations=ablations, **more)


@pytest.mark.parametrize("name", NAMED)
class TestWhatCannotBeAsked:
    def test_a_screen_without_effects(self, name):
        study = world(size=0.0)
        found = study.run(name, model(study, np.random.default_rng(1).standard_normal(study.delta.shape)))
        assert [f.status for f in found] == [Status.NA, Status.NA]
        assert all("nan" not in f.sentence for f in found)

    def test_a_single_context(self, name):
        study = world(contexts=1)
        found = study.run(name, model(study))
        assert of_model(found).status not in AMISS
        if name in NAMED[:3]:
            assert "it takes" in found[0].sentence

    def test_a_few_conditions(self, name):
        table = Conditions.make(["a", "b"], ["P", "P"])
        study = plant(table, np.ones((2, 5)), np.ones(2, bool), np.random.default_rng(0))
        found = study.run(name, study.answer(study.delta))
        assert [f.status for f in found] == [Status.NA, Status.NA]

    def test_a_model_that_abstains_on_a_tenth(self, name):
        study = world()
        values = study.delta.copy()
        values[::10] = np.nan
        whole, part = study.run(name, model(study)), study.run(name, model(study, values))
        assert [f.status for f in part] == [f.status for f in whole]

    def test_ready_made_effects(self, name):
        study = world(wells=1)
        assert not study.bench().has_halves
        found = study.run(name, model(study))
        assert of_model(found).status in (Status.PASS, Status.NA)

    def test_no_model(self, name):
        (found,) = world().run(name)
        assert found.model is None

    def test_the_same_seed_gives_the_same(self, name):
        study = world()
        assert study.run(name, model(study)) == study.run(name, model(study))


def test_perfect_copies_pass():
    study = world()
    for name in ("variance_shares", "context_identity", "nuisance_genes", "attributed_genes"):
        assert of_model(study.run(name, model(study, study.delta))).status is Status.PASS


def test_one_answer_for_all_goes_by_nothing():
    study = world()
    found = of_model(
        study.run("variance_shares", study.answer(np.tile(study.delta.mean(axis=0), (len(study.delta), 1))))
    )
    assert found.status is Status.FAIL
    assert "the same for all conditions" in found.sentence


def test_shares_add_up_to_one_in_the_evidence():
    study = world()
    for found in study.run("variance_shares", model(study)):
        for arm in ("truth", "model") if found.model else ("truth",):
            assert sum(row[arm] for row in found.evidence) == pytest.approx(1.0)
        assert {row["source"] for row in found.evidence} == {"perturbation", "context", "rest"}


def test_without_exchanged_inputs_the_question_is_asked():
    study = world()
    found = of_model(study.run("input_use", study.answer(study.delta)))
    assert found.status is Status.NA
    assert "vcassay task" in found.question


class TestAttributions:
    def judged(self, attribution, study=None):
        study = study or world()
        return of_model(study.run("attributed_genes", study.answer(study.delta, attribution=attribution)))

    def test_none(self):
        found = self.judged(None)
        assert found.status is Status.NA
        assert "Which genes" in found.question

    def test_one_row_for_all_speaks_of_the_input(self):
        row = np.random.default_rng(0).random(GENES)
        found = self.judged(np.tile(row, (len(world().delta), 1)))
        assert found.status is Status.WARN
        assert "about the input" in found.sentence

    def test_one_row_for_all_on_nuisance_genes(self):
        row = np.where(np.char.startswith(NAMES, "RPL"), 10.0, 1.0)
        found = self.judged(np.tile(row, (len(world().delta), 1)))
        assert found.status is Status.FAIL
        mass = next(r for r in found.evidence if r["programme"] == "ribosomal proteins")
        assert mass["mass"] == pytest.approx(80 / 132)

    def test_of_some_conditions_alone(self):
        given = np.abs(world().delta)
        given[1::2] = np.nan
        found = self.judged(given)
        assert found.status is Status.PASS
        assert "24 of 48 conditions have them" in found.sentence


def _targeting(rng, knowledge):
    """Knockdowns of measured genes."""
    names = [f"G{i:02d}" for i in range(1, 13)]
    where, what = np.repeat(np.arange(2), 12), np.tile(np.arange(12), 2)
    table = Conditions.make([f"line{c}" for c in where], [names[p] for p in what], modality=["CRISPRi"] * 24)
    delta = rng.standard_normal((12, GENES))[what]
    return plant(table, delta, np.ones(24, bool), rng, genes=NAMES, knowledge=knowledge)


@pytest.mark.parametrize("kind", ["relations", "gene sets", "nothing"])
def test_mass_on_the_neighbours_of_the_target(kind):
    rng = np.random.default_rng(5)
    near = {f"G{i:02d}": [f"G{12 + 2 * i:02d}", f"G{13 + 2 * i:02d}"] for i in range(1, 13)}
    facts = Resource("known", "", "", None, "", 1)
    if kind == "relations":
        pairs = [(a, b) for a, some in near.items() for b in some]
        known = Knowledge(relations=(Relations.make(facts, "neighbour", *zip(*pairs, strict=True)),))
    elif kind == "nothing":  # the gene itself, which is not scored
        near, known = {a: [a] for a in near}, Knowledge()
    else:
        sets = {f"SET {a}": (a, *some, "RPL1", "RPL2") for a, some in near.items()}
        known = Knowledge(gene_sets=(GeneSets(facts, sets, {}),))
    study = _targeting(rng, known)
    conditions = study.effects.conditions
    given = np.ones((24, GENES))
    for row, name in zip(given, conditions.perturbation.tolist(), strict=True):
        row[[NAMES.index(g) for g in near[name]]] = 6.0
    found = of_model(study.run("attributed_genes", study.answer(study.delta, attribution=given)))
    assert found.status is Status.PASS
    assert "mass on own target genes at rank 1.00" in found.sentence
    assert {"kind": "rank", "programme": "own targets"}.items() <= found.evidence[-1].items()
