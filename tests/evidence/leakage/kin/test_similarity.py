from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_split
from vcassay.core import Regime, Status
from vcassay.evidence.leakage.kin import similarity, study_compounds
from vcassay.evidence.leakage.kin.similarity import nearest
from vcassay.knowledge import structure, structures
from vcassay.knowledge.relatives import SIMILAR
from vcassay.knowledge.similarity import tanimoto
from vcassay.simulate.chemistry import make_compounds
from vcassay.simulate.leaks import analogue_in_training
from vcassay.testing.leaks.compounds import Listed, held_out, listed, screened
from vcassay.testing.leaks.study import run_tables

OCTYL, NONYL, DECYL = ("C" * n + "N" for n in (12, 13, 14))
HEXYL, BUTYL = "CCCCCCN", "CCCCN"
OTHER = "O=C(Nc1ccccc1)CCCCCCC(=O)NO"


@pytest.fixture(autouse=True)
def _chemistry():
    pytest.importorskip("rdkit")


def run(rows, declared=Regime.DEX, **more):
    return run_tables("L07", replace(listed(rows, declared), **more))


class TestNearest:
    @pytest.mark.parametrize("block", [3, 7, 2048])
    @pytest.mark.parametrize("own", [False, True])
    def test_agrees_with_the_whole_matrix_in_any_blocks(self, monkeypatch, block, own):
        monkeypatch.setattr(similarity, "BLOCK", block)
        rng = np.random.default_rng(0)
        b = rng.random((23, 64)) < 0.3
        b[4], b[9] = False, b[2]
        a = b[:15] if own else rng.random((15, 64)) < 0.3
        whole = tanimoto(a, b)
        skip = np.arange(15) if own else None
        if own:
            whole[np.arange(15), np.arange(15)] = np.nan
        best, at = nearest(a, b, skip)
        for row, value, where in zip(whole, best, at, strict=True):
            if np.isnan(row).all():
                assert np.isnan(value)
                assert where == -1
            else:
                assert (value, where) == (np.nanmax(row), np.nanargmax(row))

    def test_nothing_to_compare_with_is_unknown(self):
        best, at = nearest(np.ones((2, 8), dtype=bool), np.zeros((0, 8), dtype=bool))
        assert np.isnan(best).all()
        assert at.tolist() == [-1, -1]


def test_a_near_identical_compound_fails_under_dex_and_is_named():
    found = run([Listed("c12", "test", OCTYL), Listed("far", "test", OTHER), Listed("c13", "train", NONYL)])
    assert (found.status, found.value, found.threshold) == (Status.FAIL, 1.0, 0.9)
    assert found.remedy.startswith("Hold out similar compounds together")
    assert "1 with a trained one of Tanimoto >= 0.9 (c12 and c13 1.00), although DEX is declared" in found.sentence
    row = found.evidence[0]
    assert (row["test"], row["trained"], row["role"], row["tanimoto"]) == ("c12", "c13", "train", 1.0)
    counts = [r["test compounds"] for r in found.evidence if "nearest Tanimoto" in r]
    assert counts == [1, 0, 0, 0, 1]


def test_an_analogue_is_a_warning_and_the_degree_is_its_similarity():
    pair = structures(["a", "b"], [HEXYL, BUTYL])
    expected = float(pair.similarity([0], [1])[0, 0])
    assert 0.6 <= expected < 0.9
    found = run([Listed("a", "test", HEXYL), Listed("b", "train", BUTYL), Listed("unread", "test", "CC(")])
    assert (found.status, found.value) == (Status.WARN, expected)
    assert expected < SIMILAR.value
    assert found.remedy.startswith("Score the conditions below")  # a split by structure would not part them
    np.testing.assert_array_equal(found.affected.degree, [expected, np.nan])
    assert found.affected.at_least == 0.6
    assert {"not compared": "unread", "reason": "its SMILES does not parse"} in found.evidence


@pytest.mark.parametrize("declared", [Regime.CEX, Regime.FEW_SHOT])
def test_compounds_that_are_trained_themselves_pass(declared):
    rows = [Listed("a", "test", OCTYL, context="B"), Listed("a", "train", OCTYL)]
    found = run(rows, declared=declared)
    assert found.status is Status.PASS
    assert "Each of 1 test compound is trained itself" in found.sentence
    assert found.affected is None


def test_records_say_how_many_have_their_compound_and_its_scaffold_in_training():
    ring = "CCc1ccccc1"
    rows = [
        Listed("a", "test", ring, context="B"),
        Listed("a", "train", ring),
        Listed("b", "test", "OCc1ccccc1", context="B"),
        Listed("c", "test", context="B"),
        Listed("c", "train"),
    ]
    found = run(rows, declared=None)
    assert "2 of 3 (66.7%) have it in training, 2 of 3 (66.7%) their scaffold" in found.sentence


def test_shares_median_and_scaffolds_are_stated():
    rows = [
        Listed("a", "test", "CCCCc1ccccc1"),
        Listed("b", "test", OTHER),
        Listed("c", "train", "CCCCCc1ccccc1"),
        Listed("d", "train", "C1CCNCC1"),
    ]
    found = run(rows)
    shapes = structures(list("abcd"), [r.smiles for r in rows])
    best = shapes.similarity([0, 1], [2, 3]).max(axis=1)
    among = shapes.similarity([2], [3])[0, 0]
    assert f"of {np.median(best):.2f} in the median ({among:.2f} among the trained ones)" in found.sentence
    assert found.null == pytest.approx(among)
    shares = ", ".join(f"{np.mean(best >= step):.0%} at {step:g}" for step in (0.4, 0.6, 0.8, 0.9))
    assert f"(or more: {shares}), 2 of 2 with a ring share its scaffold with a trained one" in found.sentence


def test_too_few_that_can_be_compared_are_unknown_never_dissimilar():
    rows = [Listed("far", "test", OTHER), Listed("c12", "train", OCTYL)]
    assert run([*rows, Listed("x", "test")]).status is Status.PASS
    found = run([*rows, Listed("x", "test"), Listed("y", "test", "?")])
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert "structures of 1 of 3 test and 1 of 1 trained compounds" in found.sentence
    nothing = run([Listed("x", "test"), Listed("y", "train")])
    assert (nothing.status, nothing.value, nothing.affected) == (Status.UNKNOWN, None, None)
    assert "none could be compared" in nothing.sentence


def test_what_is_found_counts_whatever_the_coverage():
    rows = [Listed("c12", "test", OCTYL), Listed("c13", "train", NONYL), *(Listed(f"x{i}", "test") for i in range(9))]
    assert run(rows).status is Status.FAIL


def test_without_rdkit_it_is_unknown_with_the_reason(monkeypatch):
    for module in (structure, study_compounds):
        monkeypatch.setattr(module, "rdkit", lambda: None)
    found = run([Listed("c12", "test", OCTYL), Listed("c13", "train", NONYL)])
    assert found.status is Status.UNKNOWN
    assert "RDKit is not installed" in found.sentence


def test_of_a_combination_the_new_compound_counts():
    rows = [
        Listed("c12+far", "test", ""),
        Listed("c12", "excluded", OCTYL),
        Listed("far", "train", OTHER),
        Listed("c13", "train", NONYL),
    ]
    found = run(rows)
    assert (found.status, found.affected.degree.tolist()) == (Status.FAIL, [1.0])


def test_genes_have_no_degree():
    rows = [Listed("c12", "test", OCTYL), Listed("c13", "train", NONYL), Listed("STAT1", "test", modality="CRISPRi")]
    np.testing.assert_array_equal(run(rows).affected.degree, [np.nan, 1.0])
    assert run(rows[1:]).status is Status.NA
    assert run([rows[0], rows[2]._replace(role="train")]).status is Status.NA


def test_an_assumed_training_set_is_unknown():
    rows = [Listed("c12", "test", OCTYL), Listed("c13", "train", NONYL)]
    found = run(rows, assumed="the rest is assumed to be the training set")
    assert (found.status, found.value) == (Status.UNKNOWN, 1.0)
    same = [Listed("c12", "test", OCTYL, context="B"), Listed("c12", "train", OCTYL)]
    assert run(same, assumed="the rest is assumed to be the training set").status is Status.UNKNOWN


def test_planted_analogues_are_found_and_clean_splits_pass():
    for seed in range(5):
        planted, pair = analogue_in_training(held_out(seed), np.random.default_rng(seed))
        found = run_tables("L07", planted)
        assert found.status is Status.WARN
        assert (found.evidence[0]["test"], found.evidence[0]["trained"]) == pair
        assert 0.7 < found.value < 0.85
        assert run_tables("L07", held_out(seed)).status is Status.PASS


def test_a_look_up_of_the_nearest_compound_pays_where_the_degree_is_high():
    """Responses follow structure; an honest test set is what the degree leaves."""
    gaps = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        compounds = make_compounds(tuple(f"G{i // 3}" for i in range(72)))
        table = screened(compounds, ("A",))
        split = make_split(table, "dex", seed=seed, fraction=0.25)
        found = run_tables("L07", split)
        shapes = structures([c.name for c in compounds], [c.smiles for c in compounds])
        sim = shapes.similarity(range(72), range(72))
        response = np.linalg.cholesky(sim + 1e-6 * np.eye(72)) @ rng.standard_normal((72, 200))
        place = {c.name: i for i, c in enumerate(compounds)}
        trained = sorted({place[p] for p in table.perturbation[split.train].tolist()})
        test = [place[p] for p in table.perturbation[split.test].tolist()]
        nearest_one = [trained[int(np.argmax(sim[i, trained]))] for i in test]
        score = np.array([np.corrcoef(response[i], response[j])[0, 1] for i, j in zip(test, nearest_one, strict=True)])
        degree = found.affected.degree
        gaps.append(score[degree >= np.median(degree)].mean() - score[degree < np.median(degree)].mean())
        np.testing.assert_allclose(degree, sim[test][:, trained].max(axis=1))
    assert np.mean(gaps) > 0.1
    assert np.mean(np.array(gaps) > 0) >= 0.9
