"""L21b: hashes of barcodes, and how many agree by chance."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.leakage.given.barcodes import chance_share, find_hits, forms_of, is_in, tells_library
from vcassay.prediction import Materials, declare, hash_barcodes
from vcassay.simulate.cells import barcodes
from vcassay.simulate.leaks.rebuild import rows_of

RNG = np.random.default_rng(0)
WHITELIST = barcodes(736_320 // 8, RNG)
"""An eighth of a whitelist: a corpus drawn from it has an eighth of the barcodes for the same chance."""


def corpus_of(names):
    return np.unique(hash_barcodes(names))


def test_hash_is_that_of_md5():
    assert f"{int(hash_barcodes(['AAAC'])[0]):016x}" == hashlib.md5(b"AAAC", usedforsecurity=False).hexdigest()[:16]


def test_chance_share_is_that_of_two_draws_from_one_whitelist():
    corpus = RNG.choice(len(WHITELIST), 20_000)
    library = RNG.choice(len(WHITELIST), 20_000, replace=False)
    expected = chance_share(len(corpus), len(WHITELIST))
    assert np.isin(library, corpus).mean() == pytest.approx(expected, abs=0.01)


def test_forms_of_a_name():
    forms = forms_of(["lib3_AAACCCAAGAAACACT-1", "cell_7"])
    assert [forms[f][0] for f in ("name without its last part", "barcode", "barcode-1")] == [
        "lib3_AAACCCAAGAAACACT",
        "AAACCCAAGAAACACT",
        "AAACCCAAGAAACACT-1",
    ]
    assert forms["barcode"][1] == forms["barcode-1"][1] == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("AAACCCAAGAAACACT-1", False),
        ("AAACCCAAGAAACACT-1-2", False),
        ("lib3_AAACCCAAGAAACACT", True),
        ("cell_7", False),
    ],
)
def test_names_that_tell_their_library(name, told):
    assert tells_library(name) is told


@pytest.mark.parametrize("form", ["{}", "{}-1", "lib3_{}-1"])
def test_cells_are_found_under_any_form(form):
    bare = barcodes(300, np.random.default_rng(1)).tolist()
    names = [f"lib3_{b}-1" for b in bare]
    hits = find_hits(names, corpus_of([form.format(b) for b in bare[:100]] + barcodes(500, RNG).tolist()))
    np.testing.assert_array_equal(hits.row, np.arange(300) < 100)
    assert (hits.chance == 0) is form.startswith("lib3")


def test_membership_at_the_edges():
    corpus = np.array([3, 9], dtype=np.uint64)
    np.testing.assert_array_equal(is_in(np.array([0, 3, 5, 9, 99], dtype=np.uint64), corpus), [0, 1, 0, 1, 0])


def run(study, held, others):
    rng = np.random.default_rng(5)
    own = np.asarray(study.simulation.screen.adata.obs_names, dtype=str)[held].tolist()
    random = rng.integers(2**63, size=others, dtype=np.uint64)
    corpus = np.unique(np.concatenate([random, hash_barcodes(own)]))
    disclosure = declare(pretraining=[{"name": "atlas", "barcodes": "x"}])
    return study.run("L21b", disclosure=disclosure, materials=Materials(barcodes={"atlas": corpus}))


def test_all_test_cells_in_a_corpus_fail_and_block(clean):
    study = clean[0]
    found = run(study, rows_of(study.simulation, study.split, study.split.test), 10_000)
    assert (found.status, found.value, found.blocks) == (Status.FAIL, 1.0, True)
    assert found.affected.touched.all()


def test_training_cells_in_a_corpus_are_no_matter(clean):
    study = clean[0]
    assert run(study, rows_of(study.simulation, study.split, study.split.train), 10_000).status is Status.PASS


def test_a_corpus_of_all_barcodes_tells_nothing(clean):
    study = clean[0]
    found = run(study, rows_of(study.simulation, study.split, study.split.test), 900_000)
    assert found.status is Status.UNKNOWN
    assert "chance explains nearly any share" in found.sentence
    assert found.question


def test_no_agreement_where_chance_wants_some_is_another_form_of_hash(clean):
    found = run(clean[0], np.zeros(0, int), 400_000)
    assert found.status is Status.UNKNOWN
    assert "another form was hashed" in found.sentence


def test_without_barcodes_it_is_not_measurable(clean, build_screen):
    study = clean[0]
    assert study.run("L21b", disclosure=declare(pretraining=["atlas"])).status is Status.NA
    materials = Materials(barcodes={"atlas": np.array([1], dtype=np.uint64)})
    adata = study.simulation.screen.adata
    plain = build_screen(adata.X, adata.obs["perturbation"], adata.obs["context"])
    found = study.run("L21b", screen=plain, disclosure=declare(), materials=materials)
    assert found.status is Status.NA


def test_a_share_of_a_handful_of_cells_is_no_evidence(clean):
    study = clean[0]
    one = study.split.test[0]
    roles = study.split.roles.astype("<U8")
    roles[study.split.test[1:]] = "excluded"
    few = replace(study, split=replace(study.split, roles=roles))
    rows = rows_of(few.simulation, few.split, np.array([one]))
    batch = few.simulation.screen.table.batch[rows]
    own = rows[batch == batch[0]]
    whole = tells_library(few.simulation.screen.adata.obs_names[own[0]])
    found = run(few, own[: 1 if whole else 2], 10_000)
    assert found.value > found.threshold
    assert found.status is Status.PASS


def test_a_share_that_careless_names_may_have_is_no_evidence(clean):
    """However many cells there are: a few in a hundred beyond chance accuse nobody."""
    study = clean[0]
    rows = rows_of(study.simulation, study.split, study.split.test)
    batch = study.simulation.screen.table.batch[rows]
    whole = tells_library(study.simulation.screen.adata.obs_names[rows[0]])
    own = np.concatenate([rows[batch == b][:: 33 if whole else 16] for b in np.unique(batch)])
    found = run(study, own, 10_000)
    assert 0.02 < found.value < found.threshold
    assert found.status is Status.PASS


def test_where_most_cells_have_no_barcode_nothing_is_said(clean, monkeypatch):
    study = clean[0]
    screen = study.simulation.screen
    names = np.array(screen.adata.obs_names, dtype=object)
    rows = rows_of(study.simulation, study.split, study.split.test)
    names[rows[len(rows) // 3 :]] = [f"cell {i}" for i in rows[len(rows) // 3 :]]
    monkeypatch.setattr(screen.adata, "obs_names", names)
    found = run(study, np.zeros(0, int), 10_000)
    monkeypatch.undo()
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert "Too few test rows have a barcode" in found.sentence
