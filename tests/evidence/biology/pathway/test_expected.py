"""Expected gene sets: planted, wrong, opposite, absent, and where nothing can be asked."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.evidence.biology import make_bench
from vcassay.evidence.biology.pathway.covered import find_covered
from vcassay.evidence.biology.pathway.expected import target_pathway
from vcassay.knowledge import Knowledge, read_expectations
from vcassay.testing.biology.expectations import CASES
from vcassay.testing.planted import assessable, of_model, plant

CASE = next(c for c in CASES if c.diagnostic == "target_pathway")


@pytest.mark.parametrize("seed", range(2))
def test_planted_sets_are_seen_in_who_has_them(seed):
    found = CASE.present(seed)
    assert assessable(found)
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status is Status.FAIL
    assert not assessable(CASE.absent(seed))


def test_rows_name_class_set_place_numbers_and_source(planted):
    _, study, values = planted()
    found = study.run("target_pathway", study.answer(values))
    rows = {r["class"]: r for r in of_model(found).evidence}
    assert set(rows) == {"MDM2 inhibitor", "proteasome inhibitor", "HMG-CoA reductase inhibitor"}
    mdm2 = rows["MDM2 inhibitor"]
    assert mdm2["kind"] == "expectation"
    assert mdm2["where"] == "TP53 wild type"
    assert mdm2["conditions"] == 4 * 5  # four inhibitors in the five test lines with wild type
    assert rows["proteasome inhibitor"]["conditions"] == 3 * 11
    assert mdm2["truth"] > 3 * mdm2["null_sd"]
    assert mdm2["model"] > 3 * mdm2["null_sd"]
    assert "Science 303:844" in mdm2["source"]
    study_rows = found[0].evidence
    assert all("model" not in r and r["activity"] > 0 for r in study_rows)
    assert "decoupler" in found[0].sentence
    assert "AHR" not in " ".join(rows)


def test_the_other_way_round_fails(planted):
    own, study, _ = planted()
    away = own.delta[study.test] - 2 * (own.delta[study.test] - own.delta.mean(axis=0))
    found = study.run("target_pathway", study.answer(away))
    assert of_model(found).status is Status.FAIL
    assert "other way round" in of_model(found).sentence


def test_no_change_and_abstentions(planted):
    _, study, values = planted()
    some = values.copy()
    some[::10] = np.nan
    none = np.full_like(values, np.nan)
    answers = [study.answer(v, n) for v, n in ((np.zeros_like(values), "zero"), (some, "some"), (none, "none"))]
    found = study.run("target_pathway", *answers)
    assert of_model(found, "zero").status is Status.FAIL
    assert of_model(found, "zero").value == pytest.approx(0.5)
    assert of_model(found, "some").status is Status.PASS
    assert of_model(found, "none").status is Status.NA
    assert "too few" in of_model(found, "none").sentence


def test_the_order_of_genes_does_not_count(planted):
    own, study, values = planted()
    order = np.random.default_rng(5).permutation(len(own.genes))
    effects = study.effects
    per_gene = {
        f.name: getattr(effects, f.name)[..., order]
        for f in dataclasses.fields(effects)
        if getattr(getattr(effects, f.name), "ndim", 0) == 2 or f.name == "genes"
    }
    turned = dataclasses.replace(effects, **per_gene)
    answer = study.answer(values)
    first = target_pathway(study.bench(answer), np.random.default_rng(7))
    bench = make_bench(turned, study.claim, study.knowledge, {"model": study.answer(values[:, order])})
    second = target_pathway(bench, np.random.default_rng(7))
    for a, b in zip(first, second, strict=True):
        assert a.sentence == b.sentence
        assert b.value == pytest.approx(a.value, abs=1e-10)


def small(modality, annotation=None, *, contexts=("A375", "HT29"), names=None, genes=None, delta=0.0):
    """A small screen of null effects, or of a given one."""
    rng = np.random.default_rng(11)
    names = names or [f"thing {i}" for i in range(8)]
    rows = [(c, n) for c in contexts for n in names]
    more = {k: [v[n] for _, n in rows] for k, v in (annotation or {}).items()}
    conditions = Conditions.make(
        [r[0] for r in rows], [r[1] for r in rows], modality=[modality] * len(rows), annotation=more
    )
    genes = genes or [f"G{i}" for i in range(40)]
    effect = np.zeros((len(rows), len(genes))) + delta
    return plant(conditions, effect, np.ones(len(rows), dtype=bool), rng, genes=genes)


@pytest.mark.parametrize("modality", ["drug", "CRISPRi", ""])
def test_a_screen_without_known_classes_says_so(modality):
    study = small(modality)
    found = study.run("target_pathway", study.answer(np.zeros((16, 40))))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "0 cover a test perturbation" in found[0].sentence


def test_known_classes_without_an_effect_are_not_assessable():
    names = [f"drug {i}" for i in range(10)]
    moa = {n: "proteasome inhibitor" if i < 3 else "other" for i, n in enumerate(names)}
    genes = ["HSPA1A", "DNAJB1", "BAG3", "HSPH1", *(f"G{i}" for i in range(60))]
    study = small("drug", {"moa": moa}, names=names, genes=genes)
    found = study.run("target_pathway", study.answer(np.ones((20, 64))))
    assert [f.status for f in found] == [Status.NA, Status.NA]


def test_lines_of_unknown_genotype_and_unmeasured_sets_are_counted():
    names = [f"drug {i}" for i in range(10)]
    moa = {n: "MDM inhibitor" if i < 3 else "proteasome inhibitor" for i, n in enumerate(names)}
    genes = ["CDKN1A", "GDF15", "BAX", *(f"G{i}" for i in range(60))]
    study = small("drug", {"moa": moa}, names=names, genes=genes, contexts=("A375", "unheard-of line"))
    found = study.run("target_pathway")
    assert "proteasome inhibitor (0 of 15 sentinel genes measured)" in found[0].sentence
    assert "in 3 of 6 pairs" in found[0].sentence.casefold()


def test_a_screen_of_one_perturbation_is_held_beside_random_sets_alone():
    genes = ["HSPA1A", "DNAJB1", "BAG3", "HSPH1", "HSPB1", *(f"G{i}" for i in range(95))]
    effect = np.zeros(100)
    effect[:5] = 1.5
    study = small(
        "drug", {"moa": {"b": "proteasome inhibitor"}}, names=["b"], contexts="UVWXY", genes=genes, delta=effect
    )
    found = study.run("target_pathway")
    assert found[0].status is Status.PASS
    assert "chance is understated" in found[0].sentence
    assert found[0].evidence[0]["null_sd"] > 0


def test_a_users_own_expectation_of_genes_is_asked(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[[expectation]]\nclass = "loss of X"\nkind = "gene"\ndirection = -1\ntargets = ["TPX2", "ASPM"]\n'
        'set = "genes of X"\nup = ["G0", "G1", "G2"]\nsign = -1\nsource = "own"\n'
    )
    names = ["TPX2", "ASPM", *(f"Q{i}" for i in range(1, 12))]
    study = small("CRISPRi", names=names)
    known = dataclasses.replace(study, knowledge=Knowledge(expectations=read_expectations(path)))
    covered = find_covered(known.bench())
    assert [r.name for r in covered.rows] == ["loss of X"]
    assert covered.member.sum() == 2
    assert (covered.state == 1).all()
    at = [known.effects.genes.tolist().index(g) for g in ("G0", "G1", "G2")]
    assert (covered.weights[at] < 0).all()
    assert np.count_nonzero(covered.weights) == 3


@pytest.mark.parametrize("name", ["target_pathway", "target_context", "target_engagement"])
def test_a_screen_of_combinations_alone_is_not_assessable(name):
    pairs = [("TPX2", "ASPM"), ("TPX2", "MYC"), ("ASPM", "MYC")]
    table = Conditions.make(["A375"] * 3, pairs, modality=["CRISPRi"] * 3)
    study = plant(table, np.zeros((3, 30)), np.ones(3, dtype=bool), np.random.default_rng(0))
    found = study.run(name, study.answer(np.zeros((3, 30))))
    assert [f.status for f in found] == [Status.NA, Status.NA]
