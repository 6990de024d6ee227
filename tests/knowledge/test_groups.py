from __future__ import annotations

import numpy as np
import pytest

from vcassay.knowledge import Links, group, join_pairs, link_labels
from vcassay.knowledge.groups import Join, connected


def links(reason: str, *pairs: tuple[int, int], detail: tuple[str, ...] = ()) -> Links:
    ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    return Links(reason, ends[:, 0], ends[:, 1], detail)


def test_groups_join_over_several_relations_and_say_why():
    names = ["d", "a", "c", "b", "e"]
    joined = [links("same complex", (1, 3)), links("paralog", (3, 2), detail=("80 %",))]
    groups = group(names, joined, unknown=["e", "d"])
    assert groups.members == (("a", "b", "c"), ("d",), ("e",))
    assert groups.group.tolist() == [1, 0, 0, 0, 2]
    assert groups.why("a", "c") == (Join("a", "b", ("same complex",)), Join("b", "c", ("paralog 80 %",)))
    assert groups.why("a", "d") == groups.why("a", "a") == ()
    assert groups.unknown == ("d", "e")
    assert groups.largest == 0.6


def test_all_reasons_of_a_pair_are_kept():
    groups = group(["a", "b"], [links("x", (0, 1), (1, 0), (0, 1), detail=("1", "2", "1")), links("y", (1, 0))])
    assert groups.why("b", "a") == (Join("b", "a", ("x 1", "x 2", "y")),)


def test_the_way_is_the_shortest():
    groups = group(list("abcd"), [links("x", (0, 1), (1, 2), (2, 3)), links("y", (0, 2))])
    assert [(s.left, s.right) for s in groups.why("a", "d")] == [("a", "c"), ("c", "d")]


def test_nothing_joined_leaves_everyone_alone():
    assert group(["b", "a"], []).members == (("a",), ("b",))
    empty = group([], [])
    assert empty.members == ()
    assert np.isnan(empty.largest)


def test_order_of_names_and_links_does_not_matter():
    rng = np.random.default_rng(0)
    names = [f"n{i:03}" for i in range(300)]
    pairs = rng.integers(0, 300, (120, 2))
    reference = group(names, [links("x", *map(tuple, pairs.tolist()))])
    shuffle = rng.permutation(300)
    place = np.argsort(shuffle)
    again = group([names[i] for i in shuffle], [links("x", *map(tuple, place[rng.permutation(pairs)].tolist()))])
    assert again.members == reference.members
    np.testing.assert_array_equal(again.group, reference.group[shuffle])


def test_components_agree_with_union_by_hand():
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, 400, (250, 2))
    label = connected(400, pairs[:, 0], pairs[:, 1])
    by_hand = join_pairs([(f"{a:03}", f"{b:03}") for a, b in pairs.tolist()])
    for family in by_hand:
        assert len({label[int(name)] for name in family}) == 1
    assert label.max() + 1 == len(by_hand) + 400 - len({n for f in by_hand for n in f})
    first = [np.flatnonzero(label == k)[0] for k in range(label.max() + 1)]
    assert first == sorted(first)


def test_labels_join_in_a_chain_with_what_is_shared():
    link = link_labels("both in", [["P", "Q"], ["Q"], [], ["P", "P", "Q"], [""]])
    assert list(zip(link.left.tolist(), link.right.tolist(), link.detail, strict=True)) == [
        (0, 1, "Q"), (0, 3, "P"), (1, 3, "Q")
    ]  # fmt: skip
    assert link_labels("same", ["x", "", "", "x"]).right.tolist() == [3]


def test_sixty_thousand_items_take_no_time():
    rng = np.random.default_rng(2)
    n = 60_000
    many = Links("x", *rng.integers(0, n, (2, 30_000)))
    groups = group([f"{i}" for i in range(n)], [many, link_labels("y", rng.integers(0, n, n).astype(str).tolist())])
    assert 0 < groups.largest < 1
    assert len(groups.members) == groups.group.max() + 1


def test_a_name_given_twice_is_refused():
    with pytest.raises(ValueError, match="listed twice"):
        group(["a", "a"], [])
