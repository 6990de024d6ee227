from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import find_related, make_claim
from vcassay.core import Regime, Status
from vcassay.evidence.leakage.kin.mechanisms import NEW_MECHANISM, mechanism_siblings
from vcassay.knowledge import Knowledge
from vcassay.simulate.leaks import siblings_in_training
from vcassay.testing.leaks.compounds import Listed, held_out, listed
from vcassay.testing.leaks.study import run_tables


def run(rows, declared=Regime.DEX, text="", **more):
    split = replace(listed(rows, declared), **more)
    return mechanism_siblings(split, make_claim(split, text=text), Knowledge())


MEK, BRAF, HDAC = "MEK inhibitor", "RAF inhibitor", "HDAC inhibitor"
HALF = [
    Listed("trametinib", "test", moa=MEK, target="MAP2K1,MAP2K2"),
    Listed("vorinostat", "test", moa=HDAC, target="HDAC1,HDAC2,HDAC3,HDAC6"),
    Listed("selumetinib", "train", moa=MEK.lower(), target="MAP2K1"),
    Listed("dabrafenib", "train", moa=BRAF, target="BRAF"),
]


def test_half_passes_with_its_number_and_names_what_is_shared():
    found = run(HALF)
    assert (found.status, found.value, found.threshold, found.null) == (Status.PASS, 0.5, 0.5, 0.0)
    assert found.sentence.startswith(
        "1 of 2 comparable test compounds (50%) are of a mechanism or target that was trained "
        "(1 by mechanism, 1 by target)"
    )
    assert [next(iter(row)) for row in found.evidence] == ["mechanism", "target"]
    assert found.evidence[0]["mechanism"] == "mek inhibitor"
    assert (found.evidence[1]["test"], found.evidence[1]["trained"]) == ("trametinib", "selumetinib")
    assert found.affected.touched.tolist() == [True, False]


def test_more_than_half_is_a_warning_where_unseen_compounds_are_claimed():
    rows = [*HALF, Listed("cobimetinib", "test", target="MAP2K1")]
    found = run(rows)
    assert (found.status, found.value) == (Status.WARN, pytest.approx(2 / 3))
    assert "although DEX is declared" in found.sentence
    assert found.remedy
    assert run(rows, declared=None).status is Status.WARN


def test_a_long_list_of_targets_says_little():
    long = "A,B,C,D"
    rows = [Listed("a", "test", target=long), Listed("b", "train", target="A"), Listed("c", "test", moa=MEK), HALF[3]]
    found = run(rows)
    assert (found.status, found.value) == (Status.PASS, 0.0)
    assert {"not compared": "a", "reason": "more than 3 targets, and no mechanism"} in found.evidence
    assert found.affected is None


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("The model predicts compounds of new mechanisms.", True),
        ("unseen modes of action in blood", True),
        ("works for novel targets", True),
        ("The model is new. It predicts known mechanisms.", False),
        ("predicts responses", False),
        ("", False),
    ],
)
def test_words_of_a_claim(text, new):
    assert (NEW_MECHANISM.search(text) is not None) is new


def test_a_new_context_is_no_new_mechanism_unless_the_claim_says_so():
    rows = [r._replace(context="B") for r in HALF[:2]] + [r._replace(role="train") for r in HALF]
    found = run(rows, declared=Regime.CEX)
    assert (found.status, found.value, found.affected) == (Status.PASS, 1.0, None)
    assert "2 trained themselves" in found.sentence
    worded = run(rows, declared=Regime.CEX, text="Predicts drugs of unseen mechanisms")
    assert worded.status is Status.WARN
    assert "although the claim speaks of new mechanisms or targets" in worded.sentence


def test_too_few_annotated_compounds_are_unknown():
    rows = [*HALF, *(Listed(f"x{i}", "test") for i in range(3))]
    found = run(rows)
    assert (found.status, bool(found.question), found.value) == (Status.UNKNOWN, True, 0.5)
    assert "mechanisms or targets of 2 of 5 test and 2 of 2 trained compounds" in found.sentence
    assert {"not compared": "x0", "reason": "no mechanism or target"} in found.evidence
    assert np.isnan(found.affected.degree).sum() == 3
    bare = run([Listed("a", "test"), Listed("b", "train")])
    assert (bare.status, bare.value) == (Status.UNKNOWN, None)
    trained = [*HALF, *(Listed(f"x{i}", "train") for i in range(3))]
    assert run(trained).status is Status.UNKNOWN


def test_an_alarm_that_no_unknown_compound_could_undo_is_one():
    rows = [
        Listed("a", "test", moa=MEK),
        Listed("b", "test", moa=MEK),
        Listed("x", "test"),
        Listed("c", "train", moa=MEK),
    ]
    bare = [Listed(f"y{i}", "train") for i in range(5)]
    assert run([*rows, *bare]).status is Status.WARN  # two of three, whatever the third is


def test_genes_and_empty_roles():
    gene = [Listed("STAT1", "test", modality="CRISPRi"), Listed("JAK1", "train", modality="CRISPRi")]
    assert run(gene).status is Status.NA
    assert run([HALF[0], gene[1]]).status is Status.NA
    assert run(HALF[:2]).status is Status.UNKNOWN
    found = run([*HALF, gene[0]])
    assert np.isnan(found.affected.degree[0])
    assumed = run(HALF, assumed="the rest is assumed to be the training set")
    assert (assumed.status, assumed.value) == (Status.UNKNOWN, 0.5)


def test_agrees_with_the_groups_of_the_target_tier():
    """What a target-exclusive split keeps together is what is found here."""
    for seed in range(5):
        split, mechanisms = siblings_in_training(held_out(seed, "moa"), np.random.default_rng(seed), amount=1.0)
        found = run_tables("L08", split)
        related = find_related(split.conditions, tier="target")
        trained = frozenset(p for i in split.train for p in split.conditions.parts[i])
        kin = related.analogues(trained)
        names = split.conditions.perturbation[split.test]
        hit = [any(j.split(" ")[0] in trained for j in kin.get(n, ())) for n in names.tolist()]
        assert found.affected.touched.tolist() == hit
        assert found.status is Status.WARN
        assert {m.casefold() for m in mechanisms} <= {row.get("mechanism") for row in found.evidence}
        assert run_tables("L08", held_out(seed, "moa")).status is Status.PASS
