"""Lists of perturbations by role, with a screen and without one."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.claim.formats.builders import NAMES, grid, roles, same

from vcassay.claim import Split
from vcassay.claim.formats import from_files, from_lists, lists_alone, read_lists, write_lists
from vcassay.core import InputError
from vcassay.core.conditions import canonical

TABLE = grid(["K", "L"], [("A",), ("B",), ("C",), ("A", "B"), ("B", "C")])


def save(path, data):
    path.write_text(json.dumps(data))
    return path


def test_a_perturbation_in_several_lists_is_test_and_also_training():
    split = from_lists(
        grid("K", [("A",), ("B",), ("C",)]), {"train": ["A", "B"], "val": ["C", "A"], "test": ["B+ctrl", "C"]}
    )
    assert split.roles.tolist() == ["train", "test", "test"]
    assert split.also_train.tolist() == [1, 2]
    assert split.conflicts == (("K | B", "train", "test"), ("K | C", "val", "test"))


def test_forms_of_the_object(tmp_path):
    plain = {"train": ["ctrl", "A+ctrl"], "val": ["B"], "test": ["B+A", "C"]}
    expected = read_lists(save(tmp_path / "a.json", plain), TABLE)
    assert roles(expected)["L | A+B"] == "test"
    for data in (
        plain | {"test_subgroup": {"combo_seen2": ["A+B"], "unseen_single": ["C"]}, "seed": 1, "name": "x"},
        {"seed": {"train": plain["train"], "val": plain["val"], "test": plain["test"]}},
        {"A": "train", "B+ctrl": "val", "A+B": "test", "ctrl+C": "ood", "ctrl": "train"},
    ):
        same(read_lists(save(tmp_path / "b.json", data), TABLE), expected)
    seeds = save(tmp_path / "c.json", {"1": plain, "2": plain | {"test": ["A"]}})
    with pytest.raises(InputError, match=r"holds 2 splits \(1, 2\); say which one: key='1'"):
        read_lists(seeds, TABLE)
    same(read_lists(seeds, TABLE, key="1"), expected)
    with pytest.raises(InputError, match="no lists called '3'"):
        read_lists(seeds, TABLE, key="3")


def test_lists_by_context(tmp_path):
    split = read_lists(save(tmp_path / "a.json", {"K": {"train": ["A"], "test": ["B"]}, "L": {"train": ["B"]}}), TABLE)
    assert {k: v for k, v in roles(split).items() if v != "excluded"} == {
        "K | A": "train",
        "K | B": "test",
        "L | B": "train",
    }


def test_columns(tmp_path):
    expected = from_lists(TABLE, {"train": ["A"], "val": ["B"], "test": ["C"]})
    texts = {
        "two": "condition,split\nA+ctrl,train\nB+ctrl,val\nC+ctrl,test\n",
        "bare": "A+ctrl,train\nB+ctrl,val\nC+ctrl,test\n",
        "turned": "split,gene\ntrain,A\nval,B\ntest,C\n",
        "index": ",condition,split\n0,A,train\n1,B,val\n2,C,test\n",
        "wide": "train,val,test\nA,B,C\n",
        "tabs": "condition\tsplit\nA\ttrain\nB\tval\nC\ttest\n",
    }
    for name, text in texts.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        same(read_lists(path, TABLE), expected)


def test_text_files(tmp_path):
    test, train, val = (tmp_path / f"{n}.txt" for n in ("test", "train", "val"))
    test.write_text("perturbation\nA\n\nB+C\n")
    split = from_files(TABLE, test=test)
    assert roles(split)["K | A"] == roles(split)["L | B+C"] == "test"
    assert roles(split)["K | B"] == "train"
    assert "not name are assumed to be the training set" in split.assumed
    train.write_text("B\n")
    val.write_text("C\n")
    split = from_files(TABLE, train=train, val=val, test=test)
    assert (roles(split)["K | B"], roles(split)["K | C"], roles(split)["K | A+B"]) == ("train", "val", "excluded")
    assert split.assumed == ""
    alone = from_files(None, test=test, context="K562")
    assert (alone.conditions.ids, alone.assumed) == (
        ["K562 | A", "K562 | B+C"],
        "the file does not list the training set",
    )
    with pytest.raises(InputError, match="no test list"):
        from_files(TABLE, train=train)


def test_lists_alone(tmp_path):
    data = {"train": ["ctrl", "A+ctrl", "B+ctrl"], "test": ["A+B", "A+B", "ctrl", "C+ctrl"]}
    split = lists_alone(save(tmp_path / "a.json", data), context="K562")
    assert roles(split) == {"K562 | A": "train", "K562 | A+B": "test", "K562 | B": "train", "K562 | C": "test"}
    assert split.meta["controls_in_test"] == [("ctrl", "K562", "test")]
    assert split.meta["duplicates"] == {"test": ["A+B"]}
    assert set(split.conditions.modality) == {""}
    tahoe = lists_alone(save(tmp_path / "b.json", {"train": ["[('A', 5.0, 'uM')]"], "test": ["[('A', 0.5, 'uM')]"]}))
    assert roles(tahoe) == {"all | A | 0.5": "test", "all | A | 5": "train"}
    under = lists_alone(save(tmp_path / "c.json", {"train": ["A", "B"], "test": ["A_B"]}))
    assert under.conditions.parts == (("A",), ("A", "B"), ("B",))


def test_doses_in_labels_name_the_dose():
    table = grid("K", [("A",), ("B",)], [0.5, 5.0])
    split = from_lists(
        table, {"train": ["[('A', 5.0, 'uM')]", "B"], "test": ["[('A', 0.5, 'uM')]", "[('DMSO_TF', 0.0, 'uM')]"]}
    )
    assert split.roles.tolist() == ["test", "train", "train", "train"]
    assert split.meta["controls_in_test"] == [("[('DMSO_TF', 0.0, 'uM')]", "", "test")]
    by_name = from_lists(table, {"train": ["K | A | 5"], "test": ["K | B | 0.5"]})
    assert by_name.roles.tolist() == ["excluded", "train", "test", "excluded"]


@pytest.mark.parametrize(
    ("label", "hint"),
    [
        ("A_B", r"1 of 1 would match with '_' as the sign"),
        ("a", "1 of 1 would match whatever the case"),
        ("[('A', 9.0, 'uM')]", "1 of 1 would match by name, but the screen has no such dose"),
        ("X", "use the split of this screen"),
    ],
)
def test_labels_that_nearly_match(label, hint):
    with pytest.raises(InputError, match=r"lists 1 perturbations that were not measured.*" + hint):
        from_lists(TABLE, {"train": ["C"], "test": [label]})


def test_a_delimiter_may_be_stated():
    assert roles(from_lists(TABLE, {"train": ["C"], "test": ["A_B"]}, delimiter="_"))["K | A+B"] == "test"
    assert roles(from_lists(TABLE, {"train": ["A", "B"], "test": ["A_B"]}))["K | A+B"] == "test"


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "norman_simulation_1_0.75.pkl"
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    for read in (lambda: read_lists(path, TABLE), lambda: lists_alone(path)):
        with pytest.raises(InputError, match="is a pickle, which runs code when it is opened; save it as JSON"):
            read()


@given(data=st.data())
def test_written_lists_read_back(data, tmp_path_factory):
    parts = data.draw(
        st.lists(st.sets(NAMES, min_size=1, max_size=2).map(canonical), min_size=1, max_size=7, unique=True)
    )
    contexts = data.draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    table = grid(contexts, parts)
    role = {p: data.draw(st.sampled_from(["train", "val", "test", "excluded"])) for p in parts}
    split = Split(table, np.array([role[p] for p in table.parts]))
    also = [i for i, p in enumerate(table.parts) if role[p] == "test" and len(p[0]) % 2]
    split = Split(table, split.roles, also_train=np.array(also, dtype=np.int64))
    same(read_lists(write_lists(split, tmp_path_factory.mktemp("l") / "l.json"), table), split)


def test_what_lists_cannot_say(tmp_path):
    split = Split(TABLE, np.array(["test"] * 10), test_shards=(0, 1))
    with pytest.raises(InputError, match="cells of a condition are parted"):
        write_lists(split, tmp_path / "x.json")
    whole = grid("K", [("A+B",), ("A", "B")])
    with pytest.raises(InputError, match="read as other perturbations"):
        write_lists(Split(whole, np.array(["test", "train"])), tmp_path / "x.json")
