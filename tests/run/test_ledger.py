"""The ledger counts the looks at a test set, and shows where a line was edited, taken out or moved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vcassay.claim import Role, Split, make_split
from vcassay.core import Conditions, InputError
from vcassay.record.ledger import START
from vcassay.run.ledger import Look, append_looks, check_ledger, read_ledger
from vcassay.run.ledger import test_set_id as name_test_set

ONE, TWO = "1" * 64, "2" * 64


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def look(model: str, predictions: str, test_set: str = ONE) -> Look:
    return Look("score", model, sha(predictions), test_set)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Five looks, added in three turns."""
    path = tmp_path / "looks.jsonl"
    append_looks(path, [look("net", "a")])
    append_looks(path, [look("net", "b"), look("other", "c"), look("net", "a")])
    append_looks(path, [replace(look("net", "a", TWO), what="assess")])
    return path


def test_distinct_predictions_looks_and_models_are_counted_by_test_set(path):
    ledger = read_ledger(path)
    assert ledger.test_sets == (ONE, TWO)
    assert ledger.looks_at(ONE) == 3
    assert (ledger.of(ONE).n_looks, ledger.of(ONE).n_models) == (4, 2)
    assert ledger.looks_at(TWO) == 1
    assert ledger.looks_at("3" * 64) == 0
    assert [x.what for x in ledger.looks] == ["score"] * 4 + ["assess"]


def test_the_same_file_scored_again_is_recorded_and_not_counted(path):
    before = read_ledger(path)
    after = append_looks(path, [look("renamed", "b")])
    assert after == read_ledger(path)
    assert after.n_looks == before.n_looks + 1
    assert after.looks_at(ONE) == before.looks_at(ONE)


def test_a_ledger_that_is_not_there_holds_no_looks(tmp_path):
    ledger = read_ledger(tmp_path / "none.jsonl")
    assert (ledger.n_looks, ledger.looks_at(ONE), ledger.head) == (0, 0, START)
    assert not (tmp_path / "none.jsonl").exists()
    (tmp_path / "empty.jsonl").touch()
    assert read_ledger(tmp_path / "empty.jsonl") == ledger


def test_lines_are_added_and_none_is_changed(path):
    before = path.read_bytes()
    append_looks(path, [look("net", "z")])
    assert path.read_bytes().startswith(before)
    assert len(path.read_text().splitlines()) == 6


def test_the_chain_can_be_followed_by_hand(path):
    previous = "0" * 64
    for line in path.read_text().splitlines():
        data = json.loads(line)
        assert next(iter(data)) == "schema"
        assert data["schema"] == "vcassay.look/1"
        assert data["previous"] == previous
        previous = data.pop("sha256")
        assert previous == sha(json.dumps(data, sort_keys=True))
    assert read_ledger(path).head == previous


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def store(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


def refused(path: Path) -> str:
    """The sentence with which it is refused; nothing may be added to it either."""
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        read_ledger(path)
    with pytest.raises(InputError):
        append_looks(path, [look("net", "new")])
    assert path.read_bytes() == before
    return str(caught.value)


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize(("name", "value"), [("model", "someone"), ("when", "2020"), ("predictions", "f" * 64)])
def test_an_edited_line_is_found(path, number, name, value):
    lines = lines_of(path)
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | {name: value})
    store(path, lines)
    assert f"line {number}: was edited" in refused(path)
    assert [n for n, _ in check_ledger(path)[1]] == [number]


@pytest.mark.parametrize("number", [1, 3, 4])
def test_an_edited_line_with_a_new_hash_is_found_in_the_next(path, number):
    lines = lines_of(path)
    data = json.loads(lines[number - 1]) | {"model": "someone"}
    own = sha(json.dumps({k: v for k, v in data.items() if k != "sha256"}, sort_keys=True))
    lines[number - 1] = json.dumps(data | {"sha256": own})
    store(path, lines)
    assert f"line {number + 1}: does not follow from the line before" in refused(path)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_line_taken_out_is_found(path, number):
    lines = lines_of(path)
    del lines[number - 1]
    store(path, lines)
    assert f"line {number}: does not follow" in refused(path)


def test_lines_that_were_moved_are_found(path):
    lines = lines_of(path)
    lines[1], lines[2] = lines[2], lines[1]
    store(path, lines)
    assert "line 2: does not follow" in refused(path)
    assert [n for n, _ in check_ledger(path)[1]] == [2, 3, 4]


def test_a_line_said_twice_is_found(path):
    lines = lines_of(path)
    store(path, [*lines, lines[-1]])
    assert "line 6" in refused(path)


def test_a_line_taken_off_the_end_shows_in_the_hash_of_the_last(path):
    before = read_ledger(path).head
    store(path, lines_of(path)[:-1])
    assert read_ledger(path).head != before


@pytest.mark.parametrize("line", ["", "{", "3", "[]", '{"schema": "vcassay.look/2"}', '{"when": "now"}', " "])
def test_what_is_no_look_is_found(path, line):
    lines = lines_of(path)
    store(path, [*lines[:2], line, *lines[2:]])
    assert f"{path}, line 3: is not a look as vcassay writes it" in refused(path)


def test_a_line_is_taken_as_written_to_the_letter(path):
    lines = lines_of(path)
    store(path, ['{"model": "hidden", ' + lines[0][1:], *lines[1:]])  # the later of two keys alike is the one read
    assert "line 1: is not a look" in refused(path)


def test_a_file_that_is_no_text(path):
    path.write_bytes(b"\xff\xfe\x00")
    assert "line 1" in refused(path)


def test_names_of_any_letters_stay_on_one_line(path):
    names = ["µ-net", "two\nlines", "line\u2028separator", '"quoted"', "carriage\rreturn"]
    append_looks(path, [look(name, name) for name in names])
    assert [x.model for x in read_ledger(path).looks[5:]] == names
    assert "µ-net" in path.read_text(encoding="utf-8")


def test_a_hash_that_is_none_is_refused_before_anything_is_written(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="predictions"):
        append_looks(path, [look("net", "z"), Look("score", "net", "no hash", ONE)])
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*.part"))


def conditions() -> Conditions:
    return Conditions.make(list("AABBCC"), [[p] for p in "xyxyxy"])


def split(*test: int) -> Split:
    roles = np.full(6, Role.TRAIN.value)
    roles[list(test)] = Role.TEST.value
    return Split(conditions(), roles)


def test_a_test_set_is_named_by_its_conditions_and_their_table():
    name = name_test_set(split(0, 1))
    assert len(name) == 64
    assert name == name_test_set(split(1, 0))
    assert name != name_test_set(split(0, 2))
    other = split(0, 1)
    other.roles[5] = Role.VAL.value
    assert name_test_set(other) == name
    larger = Conditions.make([*"AABBCC", "D"], [[p] for p in "xyxyxyx"])
    assert name_test_set(Split(larger, np.append(split(0, 1).roles, Role.TRAIN.value))) != name


def test_random_cells_are_another_test_set_by_their_shards():
    drawn = make_split(conditions(), "random-cells")
    assert drawn.test_shards
    whole = replace(drawn, test_shards=())
    assert len({name_test_set(drawn), name_test_set(whole)}) == 2
