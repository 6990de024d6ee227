from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claim.builders import TEST, TRAIN, Row, grid, table
from vcassay.claim import MAKERS, Split, find_novelty, from_predicted, make_split
from vcassay.core import InputError, Regime

GENES, DRUGS = "ABCDEFGHIJ", "UVWXYZ"
CONDITIONS = table(
    [*grid("KLMNOPQR", GENES), Row("K", "A+B"), Row("L", "C+D"), *(Row("K", drug, dose=1.0) for drug in DRUGS)]
)
PLAIN = ("random-cells", "gex", "dex", "cex")
"""Makers that need no option of their own."""


def roles(split) -> dict[str, str]:
    return dict(zip(split.conditions.ids, split.roles.tolist(), strict=True))


@pytest.mark.parametrize("name", PLAIN)
def test_the_seed_decides(name):
    a, b = (make_split(CONDITIONS, name, seed=3) for _ in range(2))
    np.testing.assert_array_equal(a.roles, b.roles)
    assert a.test_shards == b.test_shards
    if name != "random-cells":
        others = [make_split(CONDITIONS, name, seed=s).roles for s in range(6)]
        assert any(np.any(other != a.roles) for other in others)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_every_condition_has_a_role_and_both_kinds_occur(name, fraction):
    split = make_split(CONDITIONS, name, fraction=fraction)
    assert set(split.roles.tolist()) <= {TRAIN, TEST}
    assert len(split.test)
    assert len(split.train)
    assert split.seed == 0
    assert split.reserved_shards == (0, 2, 4, 6)


@pytest.mark.parametrize(("name", "kind"), [("gex", GENES), ("dex", DRUGS)])
@given(seed=st.integers(0, 10_000), fraction=st.floats(0.05, 0.95))
def test_a_held_out_perturbation_is_nowhere_in_training(name, kind, seed, fraction):
    split = make_split(CONDITIONS, name, fraction=fraction, seed=seed)
    trained = {part for i in split.train for part in split.conditions.parts[i]}
    held = set(GENES + DRUGS) - trained
    assert held <= set(kind)
    assert len(held) == np.clip(round(fraction * len(kind)), 1, len(kind) - 1)
    for i in split.test:
        assert held & set(split.conditions.parts[i])


@given(seed=st.integers(0, 10_000), fraction=st.floats(0.05, 0.95))
def test_a_held_out_context_is_nowhere_in_training(seed, fraction):
    split = make_split(CONDITIONS, "cex", fraction=fraction, seed=seed)
    test, train = (set(CONDITIONS.context[at].tolist()) for at in (split.test, split.train))
    assert not test & train
    assert len(test) == np.clip(round(fraction * 8), 1, 7)
    drugs_held = np.isin(CONDITIONS.perturbation[split.test], list(DRUGS)).any()
    assert find_novelty(split).overall() is Regime.CEX or drugs_held


def test_the_draw_does_not_depend_on_how_the_table_was_ordered():
    rows = grid("KLMN", "ABCDEF")
    a, b = (make_split(table(r), "cex", seed=7) for r in (rows, rows[::-1]))
    assert roles(a) == roles(b)


def test_named_contexts_are_held_out():
    split = make_split(CONDITIONS, "cex", contexts=["M", "K"])
    assert set(CONDITIONS.context[split.test].tolist()) == {"K", "M"}
    assert split.group == "context"
    assert split.declared is Regime.CEX


class TestSiblings:
    @given(seed=st.integers(0, 10_000))
    def test_stay_together_when_drawn(self, seed):
        split = make_split(CONDITIONS, "cex", seed=seed, together=[["K", "L"], ["P", "Q", "R"]])
        test = set(CONDITIONS.context[split.test].tolist())
        for family in ({"K", "L"}, {"P", "Q", "R"}):
            assert not family & test or family <= test

    def test_stay_together_when_one_is_named(self):
        split = make_split(CONDITIONS, "cex", contexts=["L"], together=[["K", "L"]])
        assert set(CONDITIONS.context[split.test].tolist()) == {"K", "L"}

    def test_relations_join_up(self):
        split = make_split(CONDITIONS, "cex", contexts=["M"], together=[["K", "L"], ["L", "M"], ["Q", "elsewhere"]])
        assert set(CONDITIONS.context[split.test].tolist()) == {"K", "L", "M"}

    def test_join_through_a_context_that_was_not_measured(self):
        split = make_split(CONDITIONS, "cex", contexts=["K"], together=[["K", "parent"], ["parent", "N"]])
        assert set(CONDITIONS.context[split.test].tolist()) == {"K", "N"}

    def test_that_are_all_there_is_cannot_be_parted(self):
        with pytest.raises(InputError, match="holds out every context"):
            make_split(table(grid("KL", "AB")), "cex", contexts=["K"], together=[["K", "L"]])


@pytest.mark.parametrize(("fraction", "held"), [(0.05, 2), (0.25, 2), (0.4, 3), (0.5, 4), (0.95, 6)])
def test_random_cells_hold_out_whole_shards(fraction, held):
    split = make_split(CONDITIONS, "random-cells", fraction=fraction)
    assert len(split.test_shards) == held
    assert len(set(split.test_shards)) == held
    np.testing.assert_array_equal(split.test, np.arange(len(CONDITIONS)))
    np.testing.assert_array_equal(split.train, np.arange(len(CONDITIONS)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"make": "cexx"}, ("no split is called 'cexx'", "did you mean 'cex'?")),
        ({"make": "cex", "fraction": 0.0}, ("is not a share", "between 0 and 1")),
        ({"make": "cex", "fraction": 1.0}, ("is not a share",)),
        ({"make": "cex", "contexts": ["KK"]}, ("KK", "not in the data", "[split] contexts")),
        ({"make": "cex", "contexts": list("KLMNOPQR")}, ("every context",)),
    ],
)
def test_refusals(settings, words):
    with pytest.raises(InputError) as caught:
        make_split(CONDITIONS, **settings)
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "contexts", "perturbations"), [("cex", "K", "ABC"), ("gex", "KL", "A")])
def test_a_table_with_one_group_cannot_be_split(name, contexts, perturbations):
    with pytest.raises(InputError, match=r"there is one context|no condition to train on"):
        make_split(table(grid(contexts, perturbations)), name)


def test_val_is_training_and_excluded_is_neither():
    split = make_split(CONDITIONS, "cex", seed=1)
    changed = split.roles.astype("<U8")
    trained, tested = split.train, split.test
    changed[trained[0]], changed[tested[0]] = "val", "excluded"
    again = Split(CONDITIONS, changed)
    assert trained[0] in again.train
    assert tested[0] not in again.test
    assert tested[0] not in again.train


class TestFromPredicted:
    def test_what_is_predicted_is_test(self):
        asked = np.zeros(len(CONDITIONS), dtype=bool)
        asked[[2, 7]] = True
        split = from_predicted(CONDITIONS, asked)
        np.testing.assert_array_equal(split.test, [2, 7])
        assert len(split.train) == len(CONDITIONS) - 2
        assert f"the {len(CONDITIONS) - 2} conditions that no model predicts are assumed" in split.assumed
        assert split.declared is None

    def test_nothing_left_to_train_on(self):
        split = from_predicted(CONDITIONS, np.ones(len(CONDITIONS), dtype=bool))
        assert not len(split.train)
        assert "no training set is known" in split.assumed


@pytest.mark.slow
def test_hash_seeds_do_not_matter():
    program = (
        "from tests.claim.test_make import CONDITIONS\n"
        "from tests.claim.test_make import PLAIN\n"
        "from vcassay.claim import make_split\n"
        "print([make_split(CONDITIONS, n, seed=5, together=[['K', 'L']]).roles.tolist() for n in PLAIN])\n"
    )
    out = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": s}, capture_output=True, text=True, check=True
        ).stdout
        for s in ("1", "2")
    }
    assert len(out) == 1


def test_the_table_is_not_changed():
    before = CONDITIONS.sha256()
    for name in PLAIN:
        assert make_split(CONDITIONS, name).conditions is CONDITIONS
    assert CONDITIONS.sha256() == before


def test_the_plain_makers_are_offered():
    assert set(PLAIN) <= set(MAKERS)
