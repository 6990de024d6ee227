"""L21: pretraining corpora against the screen's accessions, name, contexts and date."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from vcassay.claim import Exposure, make_claim
from vcassay.core import Status
from vcassay.evidence.leakage.given.pretraining import shared_contexts
from vcassay.knowledge import Knowledge
from vcassay.prediction import declare
from vcassay.testing.leaks.graphs import gene_split
from vcassay.testing.leaks.study import run_tables

GEO = "GSE999999"


def run(study, *corpora, ids=(GEO, "Simulated 2024"), **exposure):
    claim = make_claim(study.split, exposure=Exposure("yes", accessions=ids, **exposure))
    return study.run("L21", claim=claim, disclosure=declare(pretraining=list(corpora)))


def corpus(**entries):
    return {"name": "atlas", **entries}


def names(study, role="test"):
    return sorted(set(study.split.conditions.context[getattr(study.split, role)].tolist()))


def test_undeclared_is_asked_and_none_passes(clean):
    undeclared = clean[0].run("L21", disclosure=declare())
    assert undeclared.status is Status.UNKNOWN
    assert "Which corpora" in undeclared.question
    assert not undeclared.blocks
    assert clean[0].run("L21", disclosure=declare(pretraining=[])).status is Status.PASS


@pytest.mark.parametrize(
    "entries",
    [
        {"accessions": ["GSE1", f"{GEO}_RAW.tar"]},
        {"accessions": GEO.lower()},
        {"name": "simulated-2024"},
        {"accessions": [GEO], "perturbed": True},
    ],
)
def test_a_corpus_that_holds_the_screen_fails_and_blocks(clean, entries):
    found = run(clean[0], corpus(accessions=["GSE1"]), corpus(**entries))
    assert (found.status, found.blocks) == (Status.FAIL, True)
    assert found.evidence[0]["corpus"] == entries.get("name", "atlas")
    assert found.affected.touched.all()


def test_a_screen_without_its_test_contexts_or_its_perturbed_cells_is_no_exposure(clean):
    study = clean[0]
    assert run(study, corpus(accessions=[GEO], contexts=names(study, "train"))).status is Status.PASS
    assert run(study, corpus(accessions=[GEO], perturbed=False)).status is Status.PASS
    found = run(study, corpus(accessions=[GEO], contexts=names(study)[:1]))
    assert found.status is Status.FAIL
    assert 0 < found.affected.touched.mean() < 1


def test_contexts_count_by_what_was_done_to_them(clean):
    study = clean[0]
    own = [names(study)[0].lower()]
    perturbed = run(study, corpus(contexts=own, perturbed=True))
    assert perturbed.status is Status.WARN
    assert 0 < perturbed.affected.touched.mean() < 1
    assert run(study, corpus(contexts=own, perturbed=False)).status is Status.PASS
    assert run(study, corpus(contexts=own)).status is Status.UNKNOWN
    assert run(study, corpus(contexts=["elsewhere"], perturbed=True)).status is Status.PASS


def test_an_older_corpus_cannot_hold_the_screen_but_can_hold_its_lines(clean):
    study = clean[0]
    old = {"released": date(2023, 1, 1)}
    assert run(study, corpus(**old), since=date(2024, 1, 1)).status is Status.PASS
    assert run(study, corpus(**old), since=date(2022, 1, 1)).status is Status.UNKNOWN
    perturbed = corpus(**old, contexts=names(study)[:1], perturbed=True)
    assert run(study, perturbed, since=date(2024, 1, 1)).status is Status.WARN
    assert run(study, corpus(), truth="private").status is Status.PASS


def test_accessions_of_another_archive_clear_nothing(clean):
    study = clean[0]
    assert run(study, corpus(accessions=["GSE1", "GSE2"])).status is Status.PASS
    other = run(study, corpus(accessions=["SRP1"]))
    assert other.status is Status.UNKNOWN
    assert "other archives" in other.sentence
    unstated = run(study, corpus(accessions=["GSE1"]), ids=())
    assert "[data] accessions" in unstated.question


@pytest.mark.parametrize(
    ("name", "ids", "status"),
    [
        ("Tahoe-x1", ("tahoebio/Tahoe-100M",), Status.FAIL),
        ("SE-600M", ("Tahoe-100M",), Status.FAIL),
        ("STATE-ST", ("Replogle 2022",), Status.FAIL),
        ("scGPT", ("Norman 2019",), Status.PASS),
        ("Geneformer", ("Replogle 2022",), Status.PASS),
        ("scBaseCount", (GEO,), Status.UNKNOWN),
        ("Replogle", ("Replogle 2022 K562",), Status.WARN),
    ],
)
def test_known_corpora_speak_for_themselves(clean, name, ids, status):
    assert run(clean[0], name, ids=ids).status is status


def test_the_worst_corpus_decides_and_a_justification_is_quoted(clean):
    found = run(clean[0], "scGPT", corpus(accessions=[GEO], why="its test cells were dropped"))
    assert found.status is Status.FAIL
    assert "justified: its test cells were dropped" in found.sentence
    assert [row["status"] for row in found.evidence] == ["FAIL", "PASS"]


def test_contexts_are_compared_by_spelling():
    assert shared_contexts(["MCF-7", "K562"], ["mcf7", "HeLa"], Knowledge()) == ("MCF-7",)


def test_what_is_declared_of_test_perturbations_counts(clean):
    study = clean[0]
    assert run(study, corpus(accessions=[GEO], holds_test=False)).status is Status.PASS
    assert run(study, corpus(holds_test=False)).status is Status.PASS
    elsewhere = run(study, corpus(accessions=["GSE1"], holds_test=True))
    assert (elsewhere.status, elsewhere.blocks) == (Status.FAIL, False)


def test_other_screens_may_hold_perturbations_that_are_called_unseen():
    split = gene_split(np.random.default_rng(0))
    claim = make_claim(split, exposure=Exposure("yes", accessions=(GEO,)))

    def of(**entries):
        return run_tables("L21", split, claim=claim, disclosure=declare(pretraining=[corpus(**entries)]))

    found = of(accessions=["GSE1"], perturbed=True)
    assert found.status is Status.UNKNOWN
    assert "of the perturbations of 60 test conditions" in found.sentence
    assert "holds_test" in found.question
    assert of(accessions=["GSE1"], perturbed=False).status is Status.PASS
    assert of(accessions=["GSE1"], perturbed=True, holds_test=False).status is Status.PASS
