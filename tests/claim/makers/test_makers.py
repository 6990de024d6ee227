"""Every maker holds out what it says, on tables of any order, the same for the same seed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from vcassay.claim import find_novelty, make_split
from vcassay.claim.makers import (
    both_exclusive,
    combinations,
    cross_modality,
    dose_exclusive,
    drug_exclusive,
    few_shot,
    few_shot_sweep,
    gears_simulation,
    gene_exclusive,
    group_exclusive,
    k_fold,
    perturbench_transfer,
    with_validation,
)
from vcassay.core import Conditions, InputError, Regime

GENES = [f"G{i:02d}" for i in range(20)]
DRUGS = [f"drug{i}" for i in range(6)]


def table(contexts=("A", "B", "C", "D"), genes=GENES, doubles=(), drugs=(), doses=(0.1, 1.0, 10.0)):
    rows = [(c, (g,), np.nan, "CRISPRi") for c in contexts for g in genes]
    rows += [(c, pair, np.nan, "CRISPRi") for c in contexts for pair in doubles]
    rows += [(c, (d,), dose, "drug") for c in contexts for d in drugs for dose in doses]
    context, parts, dose, modality = zip(*rows, strict=True)
    moa = ["" if m != "drug" else f"moa{int(p[0][-1]) % 3}" for p, m in zip(parts, modality, strict=True)]
    return Conditions.make(context, parts, dose, None, modality, {"moa": moa})


def doubles():
    return [(GENES[i], GENES[j]) for i in range(10) for j in range(i + 1, 10)]


MAKERS = {
    "gex": lambda t, s: gene_exclusive(t, fraction=0.25, seed=s),
    "dex": lambda t, s: drug_exclusive(t, fraction=0.25, seed=s),
    "aex": lambda t, s: both_exclusive(t, fraction=0.25, seed=s),
    "few-shot": lambda t, s: few_shot(t, shots=3, fraction=0.25, seed=s),
    "dose": lambda t, s: dose_exclusive(t, kind="interpolation", fraction=0.5, seed=s),
    "combination": lambda t, s: combinations(t, seen=2, fraction=0.3, seed=s),
    "gears": lambda t, s: gears_simulation(t, seed=s),
    "transfer": lambda t, s: perturbench_transfer(t, seed=s),
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_for_the_same_seed_and_another_for_another(name):
    conditions = table(doubles=doubles(), drugs=DRUGS)
    once, again = MAKERS[name](conditions, 1), MAKERS[name](conditions, 1)
    assert once.roles.tolist() == again.roles.tolist()
    assert len(once.test)
    assert len(once.train)
    assert any(MAKERS[name](conditions, s).roles.tolist() != once.roles.tolist() for s in range(2, 8))


@pytest.mark.parametrize(
    ("name", "regime"),
    [("gex", Regime.GEX), ("aex", Regime.AEX), ("few-shot", Regime.FEW_SHOT), ("transfer", Regime.FEW_SHOT)],
)
def test_what_is_found_is_what_was_made(name, regime):
    for seed in range(5):
        novelty = find_novelty(MAKERS[name](table(), seed))
        assert set(novelty.regime.tolist()) == {regime.value}


def test_doses_between_above_and_below():
    conditions = table(drugs=DRUGS)
    for kind, wanted in (("interpolation", {1.0}), ("extrapolation", {10.0}), ("low", {0.1})):
        split = dose_exclusive(conditions, kind=kind, fraction=0.5, seed=0)
        assert set(conditions.dose[split.test].tolist()) == wanted
        assert set(find_novelty(split).regime.tolist()) == {Regime.DOSE.value}
        assert len(set(conditions.perturbation[split.test].tolist())) == 3
    with pytest.raises(InputError, match="3 doses"):
        dose_exclusive(table(drugs=DRUGS, doses=(1.0, 2.0)), kind="interpolation", fraction=0.5, seed=0)


@pytest.mark.parametrize("seen", [0, 1, 2])
def test_combinations_with_so_many_trained_parts(seen):
    conditions = table(contexts=("A",), doubles=doubles())
    for seed in range(5):
        split = combinations(conditions, seen=seen, fraction=0.5, seed=seed)
        novelty = find_novelty(split)
        assert set(novelty.parts_seen.tolist()) == {seen}
        assert set(novelty.regime.tolist()) == {Regime.COMBINATION.value}
    with pytest.raises(InputError, match="no combinations"):
        combinations(table(), seen=seen, fraction=0.3, seed=0)


def test_gears_simulation_has_its_four_groups():
    conditions = table(contexts=("A",), doubles=doubles())
    novelty = find_novelty(gears_simulation(conditions, seed=1))
    single = np.array([len(conditions.parts[i]) == 1 for i in novelty.test])
    assert set(novelty.regime[single].tolist()) == {Regime.GEX.value}
    assert set(novelty.parts_seen[~single].tolist()) == {0, 1, 2}
    assert single.sum() == 5


def test_relatives_stay_together():
    groups = {g: f"family{i // 4}" for i, g in enumerate(GENES)}
    for seed in range(5):
        split = gene_exclusive(table(), fraction=0.25, seed=seed, groups=groups)
        test = {groups[p] for p in split.conditions.perturbation[split.test].tolist()}
        train = {groups[p] for p in split.conditions.perturbation[split.train].tolist()}
        assert not test & train
    split = group_exclusive(table(genes=[], drugs=DRUGS), column="moa", fraction=0.3, seed=0)
    assert len(set(split.conditions.annotation["moa"][split.test].tolist())) == 1
    mixed = table(drugs=DRUGS)
    split = group_exclusive(mixed, column="moa", fraction=0.3, seed=0)
    assert set(split.roles[mixed.modality == "CRISPRi"].tolist()) == {"train"}  # no gene has a mechanism
    with pytest.raises(InputError, match="80 of 80 conditions have no 'moa'"):
        group_exclusive(table(), column="moa", fraction=0.3, seed=0)
    with pytest.raises(InputError, match="every 'modality' is 'CRISPRi'"):
        group_exclusive(table(), column="modality", fraction=0.3, seed=0)
    with pytest.raises(InputError, match=r"no column 'mao'.*moa"):
        group_exclusive(table(), column="mao", fraction=0.3, seed=0)


def test_more_shots_show_the_same_and_more():
    conditions = table()
    sweep = few_shot_sweep(conditions, shots=(1, 2, 5, 10), fraction=0.25, seed=3)
    shown = []
    tests = {tuple(split.test.tolist()) for split in sweep.values()}
    assert len(tests) == 1
    for k, split in sweep.items():
        novelty = find_novelty(split)
        assert set(novelty.shots.tolist()) == {k}
        held = set(conditions.context[split.test].tolist())
        at = [i for i in split.train if conditions.context[i] in held]
        shown.append(set(conditions.perturbation[at].tolist()))
    assert all(a < b for a, b in pairwise(shown))
    share = few_shot(conditions, shots=0.3, fraction=0.25, seed=3)
    assert set(find_novelty(share).shots.tolist()) == {6}
    with pytest.raises(InputError, match="leave something to test in 0 contexts"):
        few_shot(conditions, shots=20, fraction=0.25, seed=3)


def test_transfer_hides_each_in_one_context_and_no_context_too_much():
    conditions = table()
    split = perturbench_transfer(conditions, seed=0)
    names = conditions.perturbation[split.test].tolist()
    assert len(names) == len(set(names))
    hidden = [int((conditions.context[split.test] == context).sum()) for context in "ABCD"]
    assert max(hidden) <= 6
    assert min(hidden) >= 1
    assert sum(hidden) == 20


def test_one_kind_of_perturbation_from_the_other():
    conditions = table(drugs=DRUGS)
    split = cross_modality(conditions, modality="drug")
    assert set(conditions.modality[split.test].tolist()) == {"drug"}
    assert split.declared is Regime.MODALITY
    assert set(find_novelty(split).regime.tolist()) == {Regime.MODALITY.value}
    with pytest.raises(InputError, match="ORF"):
        cross_modality(conditions, modality="ORF")


@pytest.mark.parametrize(("make", "kind"), [("gex", "CRISPRi"), ("dex", "drug")])
def test_a_screen_of_two_kinds_holds_out_the_kind_asked_for(make, kind):
    conditions = table(drugs=DRUGS)
    split = MAKERS[make](conditions, 0)
    assert set(conditions.modality[split.test].tolist()) == {kind}
    for fold in k_fold(conditions, make, k=3, seed=0):
        assert set(conditions.modality[fold.test].tolist()) == {kind}


def test_kin_is_held_out_together_and_a_whole_network_is_refused():
    conditions = table()
    pairs = {g: GENES[2 * (i // 2)] for i, g in enumerate(GENES)}
    for seed in range(10):
        split = gene_exclusive(conditions, fraction=0.25, seed=seed, groups=pairs)
        held = set(conditions.perturbation[split.test].tolist())
        assert all((g in held) is (pairs[g] in held) for g in GENES)
        for fold in k_fold(conditions, "gex", k=5, seed=seed, groups=pairs):
            held = set(conditions.perturbation[fold.test].tolist())
            assert all((g in held) is (pairs[g] in held) for g in GENES)
    with pytest.raises(InputError, match=r"15 of 20 perturbations are kin of 'G00'.*complexes or pairs"):
        gene_exclusive(conditions, fraction=0.25, seed=0, groups=dict.fromkeys(GENES[:15], "G00"))


def test_groups_of_wells_on_several_plates():
    conditions = table(contexts=("A",), genes=GENES[:6])
    plates = [("p1",), ("p1", "p2"), ("p2",), ("p3",), ("p3",), ()]
    for seed in range(10):
        split = group_exclusive(conditions, column="batch", fraction=0.34, seed=seed, values=plates)
        held = {p for i in split.test for p in plates[i]}
        assert len(held) == 1
        for i, own in enumerate(plates):
            straddles = bool(held & set(own)) and not set(own) <= held
            wanted = "excluded" if not own or straddles else "test" if held & set(own) else "train"
            assert split.roles[i] == wanted
        assert split.meta["without a group"] == 1


def test_times_are_held_out_like_doses():
    rows = [("A", (g,), t) for g in GENES for t in (6.0, 24.0, 72.0)]
    context, parts, time = zip(*rows, strict=True)
    conditions = Conditions.make(context, parts, None, time)
    for make, wanted in (("time-interpolation", {24.0}), ("time-extrapolation", {72.0})):
        split = make_split(conditions, make)
        assert split.declared is Regime.TIME
        assert set(conditions.time[split.test].tolist()) == wanted
        novelty = find_novelty(split)
        assert set(novelty.regime.tolist()) == {Regime.TIME.value}
        assert novelty.inside.all() == (make == "time-interpolation")


@pytest.mark.parametrize("make", ["gex", "cex"])
def test_folds_part_the_groups(make):
    conditions = table()
    splits = list(k_fold(conditions, make, k=4, seed=0))
    tested = np.concatenate([s.test for s in splits])
    assert sorted(tested.tolist()) == list(range(len(conditions)))
    assert {r for s in splits for r in find_novelty(s).regime.tolist()} == {splits[0].declared.value}
    with pytest.raises(InputError, match="folds"):
        list(k_fold(conditions, "cex", k=5, seed=0))


@pytest.mark.parametrize("name", ["gex", "dex", "cex", "aex", "few-shot", "dose", "combination"])
def test_validation_is_drawn_by_the_rule_of_the_test(name):
    makers = {**MAKERS, "cex": lambda t, s: make_split(t, "cex", seed=s)}
    drugs = DRUGS if name in ("dose", "dex") else ()
    conditions = table(doubles=doubles() if name == "combination" else (), drugs=drugs)
    outer = makers[name](conditions, 0)
    split = with_validation(outer, fraction=0.25, seed=1)
    assert split.test.tolist() == outer.test.tolist()
    assert (split.roles == "val").any()
    assert (split.roles == "train").any()
    inner = np.where(split.roles == "test", "excluded", np.where(split.roles == "val", "test", split.roles))
    found = set(find_novelty(replace(split, roles=inner)).regime.tolist())
    assert found == {Regime.CEX if name == "aex" else split.declared}  # of both axes the contexts are drawn
