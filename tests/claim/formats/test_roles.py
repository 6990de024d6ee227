"""Words for roles, and roles of rows turned into roles of conditions."""

import numpy as np
import pytest
from tests.claim.formats.builders import grid

from vcassay.claim import Role
from vcassay.claim.formats.roles import Stated, flag_of, known_role, looks_like_roles, meanings, split_of_rows
from vcassay.core import InputError

TABLE = grid("K", [("A",), ("B",), ("C",), ("D",), ("E",)])


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("train", "train"), ("Training", "train"), ("pretrain", "train"), ("fine-tune", "train"),
        ("train_iid", "train"),
        ("valid", "val"), ("Validation", "val"), ("val_ood", "val"), ("ood_val", "val"), ("dev", "val"),
        ("test", "test"), ("OOD", "test"), ("held-out", "test"), ("held out", "test"), ("holdout", "test"),
        ("test_seen", "test"), ("iid_test", "test"), ("test_iid", "test"), ("unseen", "test"), ("zero-shot", "test"),
        ("private_test", "test"), ("public_test", "test"), ("combo_seen0", "test"), ("unseen_single", "test"),
        ("test1", "test"), ("unused", "excluded"), ("", "excluded"), ("nan", "excluded"),
    ],
)  # fmt: skip
def test_words_met_in_published_splits(word, role):
    assert known_role(word) is Role(role)


@pytest.mark.parametrize(
    "word", ["train_test", "not_train", "tset", "latest", "query", "K562", "3", "seen", "iid", "True"]
)
def test_words_that_are_no_roles(word):
    assert known_role(word) is None


def test_an_unknown_word_is_refused_with_all_words_and_counts():
    with pytest.raises(
        InputError, match=r"role 'tset'.*'train' \(7\), 'tset' \(2\); say which of them is test, --test"
    ):
        meanings({"train": 7, "tset": 2}, "split", Stated(), where="f.csv")
    assert meanings({"train": 7, "tset": 2}, "split", Stated.of(test="tset"), where="f")["tset"] is Role.TEST
    with pytest.raises(InputError, match=r"no word 'tast'; its words are 'train' \(7\)"):
        meanings({"train": 7}, "split", Stated.of(test=("tast",)), where="f")


def test_folds_ask_for_the_test_fold():
    folds = {"0": 5, "1": 5, "2": 4}
    with pytest.raises(InputError, match=r"name the test fold: --test 0 \(test_values=\('0',\)"):
        meanings(folds, "fold", Stated(), where="f")
    found = meanings(folds, "fold", Stated.of(test=("1",), val=("2.0",)), where="f")
    assert found == {"0": Role.TRAIN, "1": Role.TEST, "2": Role.VAL}
    assert meanings({"fold_1": 1, "fold_2": 1}, "x", Stated.of(test=["fold_2"]), where="f")["fold_1"] is Role.TRAIN


@pytest.mark.parametrize(
    ("column", "true", "false"),
    [
        ("is_train", "train", "test"), ("in_training", "train", "test"), ("heldout", "test", "train"),
        ("held_out", "test", "train"), ("is_ood", "test", "train"), ("test", "test", "train"),
        ("isTest", "test", "train"), ("is_val", "val", "train"),
    ],
)  # fmt: skip
def test_columns_of_true_and_false(column, true, false):
    assert flag_of(column) == {True: Role(true), False: Role(false)}
    found = meanings({"True": 1, "False": 1}, column, Stated(), where="f")
    assert found == {"True": Role(true), "False": Role(false)}
    assert meanings({"1": 1, "0": 1}, column, Stated(), where="f")["0"] is Role(false)


def test_true_and_false_in_any_other_column_are_asked_for():
    assert flag_of("split") is None
    with pytest.raises(InputError, match="--test"):
        meanings({"True": 1, "False": 1}, "flag", Stated(), where="f")
    assert meanings({"True": 1, "False": 1}, "flag", Stated.of(test=(True,)), where="f")["False"] is Role.TRAIN


def test_what_looks_like_roles():
    assert looks_like_roles(["train", "test", "ood", "nan"])
    assert not looks_like_roles(["train"])
    assert not looks_like_roles(["train", "K562"])
    assert not looks_like_roles(["1", "0"])


def test_a_condition_with_any_test_row_is_test():
    names = ["train", "val", "test", "unused"]
    #       A: train+test, B: train+val, C: val+test, D: unused+train, E: none
    at = np.array([0, 0, 1, 1, 2, 2, 3, 3, -1, 4])
    word = np.array([2, 0, 1, 0, 1, 2, 3, 0, 2, -1])
    split = split_of_rows(TABLE, at, word, names, {w: known_role(w) for w in names}, group="g")
    assert split.roles.tolist() == ["test", "train", "test", "train", "excluded"]
    assert split.also_train.tolist() == [0, 2]
    assert split.conflicts == (("K | A", "train", "test"), ("K | C", "val", "test"))
    assert split.words == ()
    assert split.meta["notes"][0][0].startswith("1 conditions are in training and in validation")
    assert split.train.tolist() == [0, 1, 2, 3]


def test_words_of_their_own_are_kept():
    names = ["train", "test", "ood"]
    meaning = {w: known_role(w) for w in names}
    split = split_of_rows(TABLE, np.array([0, 1, 2, 3, 3]), np.array([0, 1, 2, 1, 2]), names, meaning, group="g")
    assert split.words == ("train", "test", "ood", "ood/test", "")
