from __future__ import annotations

import numpy as np
import pytest

from tests.claim.builders import grid, split
from vcassay.claim import Role
from vcassay.simulate.leaks import context_renamed, gene_renamed, relatives_trained

PAIRS = [("a", "b"), ("b", "c"), ("d", "e"), ("x", "a")]
SPLIT = split(grid("12", "xy") + grid("12", "abcdef", role="test"))


def names_tested(made):
    return {p for i in made.test.tolist() for p in made.conditions.parts[i]}


@pytest.mark.parametrize(("amount", "moved"), [(0.0, 0), (0.5, 1), (1.0, 2)])
def test_a_gene_of_a_share_of_the_families_is_trained_in_every_context(amount, moved):
    made = relatives_trained(SPLIT, PAIRS, np.random.default_rng(0), amount=amount)
    left = names_tested(SPLIT) - names_tested(made)
    assert len(left) == moved
    assert left <= set("abcde")
    assert len(made.test) == len(SPLIT.test) - 2 * moved
    np.testing.assert_array_equal(SPLIT.roles, split(grid("12", "xy") + grid("12", "abcdef", role="test")).roles)


def test_a_trained_gene_is_tested_under_its_alias_in_one_context():
    made = gene_renamed(SPLIT, "x", "OLD", "2")
    where = {key[:2]: role for key, role in zip(made.conditions.keys, made.roles.tolist(), strict=True)}
    assert where["2", ("OLD",)] == Role.TEST
    assert where["1", ("x",)] == Role.TRAIN
    assert ("2", ("x",)) not in where
    assert {key: role for key, role in where.items() if key[1] in (("a",), ("y",))} == {
        ("1", ("a",)): "test", ("2", ("a",)): "test", ("1", ("y",)): "train", ("2", ("y",)): "train"
    }  # fmt: skip


def test_conditions_of_a_trained_context_are_tested_under_its_other_name():
    cex = split(grid("1", "abcd") + grid("2", "abcd", role="test"))
    made = context_renamed(cex, "1", "0", amount=0.5)
    rows = list(zip(made.conditions.context.tolist(), made.conditions.perturbation.tolist(), made.roles, strict=True))
    assert [row for row in rows if row[0] == "0"] == [("0", "c", "test"), ("0", "d", "test")]
    assert [row[1:] for row in rows if row[0] == "1"] == [("a", "train"), ("b", "train")]
    assert len(made.conditions) == len(cex.conditions)
