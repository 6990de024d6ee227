from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claim.builders import EXCLUDED, TEST, TRAIN, VAL, Row, grid, split, table
from vcassay.claim import Split, find_novelty, make_split, read_split, write_split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.conditions import canonical

ROWS = [
    Row("K", "A", TRAIN),
    Row("K", "B+C", TEST),
    Row("L", "A", VAL, dose=0.05),
    Row("L", "A", TRAIN, dose=5.0, time=24.0),
    Row("L", "Größe, 1", EXCLUDED),
]


def same(a: Split, b: Split) -> None:
    assert a.conditions.keys == b.conditions.keys
    np.testing.assert_array_equal(a.roles, b.roles)
    for name in ("declared", "seed", "group", "test_shards", "reserved_shards", "assumed", "conflicts"):
        assert getattr(a, name) == getattr(b, name), name


def edited(path: Path, **changes: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(data | changes), encoding="utf-8")
    return path


@pytest.fixture
def manifest(tmp_path):
    return write_split(split(ROWS, declared=Regime.DOSE, seed=4, group="g", assumed="so"), tmp_path / "split.json")


def rows_of(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("bound", [True, False])
def test_round_trip(manifest, bound):
    made = split(ROWS, declared=Regime.DOSE, seed=4, group="g", assumed="so")
    same(read_split(manifest, made.conditions if bound else None), made)


@pytest.mark.parametrize("name", ["random-cells", "gex", "dex", "cex"])
def test_round_trip_of_every_maker(name, tmp_path):
    made = make_split(table(grid("KLMN", "ABCD")), name, seed=2)
    read = read_split(str(write_split(made, str(tmp_path / "split.json"))), made.conditions)
    same(read, made)
    np.testing.assert_array_equal(find_novelty(read).regime, find_novelty(made).regime)


def test_it_is_bound_to_its_table_by_a_hash(manifest):
    data = json.loads(manifest.read_text(encoding="utf-8"))
    assert data["sha256"] == table(ROWS).sha256()
    assert data["sha256"] != table(ROWS[:-1]).sha256()
    assert data["schema"] == "vcassay.split/1"
    assert data["declared"] == "unseen dose"


def test_the_hash_does_not_depend_on_the_order_of_rows_or_parts():
    assert table(ROWS).sha256() == table(ROWS[::-1]).sha256()
    assert table([Row("K", "B+C")]).sha256() == table([Row("K", "C+B")]).sha256()
    assert table([Row("K", "A", dose=1.0)]).sha256() != table([Row("K", "A", dose=2.0)]).sha256()


def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_else(manifest, tmp_path):
    before = manifest.read_bytes()
    write_split(read_split(manifest), manifest)
    assert manifest.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["split.json"]


def test_a_manifest_with_a_hash_must_name_every_measured_condition(manifest):
    more = table([*ROWS, Row("M", "A")])
    with pytest.raises(InputError, match=r"does not name 1 measured conditions \(M \| A\); make a new split, or say"):
        read_split(manifest, more)
    read = read_split(manifest, more, partial=True)
    assert dict(zip(more.ids, read.roles.tolist(), strict=True))["M | A"] == EXCLUDED


def test_one_written_by_hand_may_leave_conditions_out(manifest):
    more = table([*ROWS, Row("M", "A")])
    data = json.loads(manifest.read_text(encoding="utf-8"))
    del data["sha256"]
    manifest.write_text(json.dumps(data), encoding="utf-8")
    assert dict(zip(more.ids, read_split(manifest, more).roles.tolist(), strict=True))["M | A"] == EXCLUDED
    with pytest.raises(InputError, match="names 1 conditions that were not measured"):
        read_split(manifest, table(ROWS[1:]))


def test_what_differs_is_said(manifest):
    with pytest.raises(InputError, match=r"names 1 conditions .* \(K \| A\) and does not name 1 measured .*\(M \| A\)"):
        read_split(manifest, table([*ROWS[1:], Row("M", "A")]))


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda r: r._replace(dose=r.dose * 1000), "only the doses differ: check the dose column and its unit"),
        (lambda r: r._replace(time=r.time + 1), "only the times differ"),
        (lambda r: r._replace(context=f"{r.context} cells"), "only the contexts differ"),
        (lambda r: r._replace(perturbation=r.perturbation.lower()), "they differ in case alone"),
        (lambda r: r._replace(perturbation=f"{r.perturbation}x"), "use the manifest of this screen"),
    ],
)
def test_hints_at_what_differs(change, hint, tmp_path):
    rows = [Row("K", "A", TRAIN, dose=1.0, time=24.0), Row("K", "B", TEST, dose=1.0, time=24.0)]
    manifest = write_split(split(rows), tmp_path / "split.json")
    with pytest.raises(InputError, match="names 2 conditions that were not measured.*" + hint):
        read_split(manifest, table([change(r) for r in rows]))


@pytest.mark.parametrize("bound", [True, False])
def test_rows_that_are_not_those_of_the_hash_are_refused(manifest, bound):
    with pytest.raises(InputError, match=r"rows that are not those of its sha256|does not name 1 measured conditions"):
        read_split(edited(manifest, rows=rows_of(manifest)[:-1]), table(ROWS) if bound else None)
    write_split(split(ROWS), manifest)
    with pytest.raises(InputError, match="rows that are not those of its sha256"):
        read_split(edited(manifest, sha256="0" * 64), table(ROWS) if bound else None)


def test_a_condition_named_as_test_and_in_another_role_is_test(manifest):
    rows = rows_of(manifest)
    again = [r | {"role": TEST} for r in rows if r["perturbation"] == ["A"]]
    read = read_split(edited(manifest, rows=rows + again), table(ROWS))
    assert [(a, b) for _, a, b in read.conflicts] == [(TRAIN, TEST), (VAL, TEST), (TRAIN, TEST)]
    assert {name for name, _, _ in read.conflicts} <= set(table(ROWS).ids)
    assert read.roles.tolist() == [TEST, TEST, TEST, TEST, EXCLUDED]
    assert read.also_train.tolist() == [0, 2, 3]


def test_what_a_source_said_is_kept(tmp_path):
    made = split(
        ROWS,
        conflicts=(("K | B+C", "val", "test"),),
        also_train=np.array([1]),
        words=("train", "ood", "valid", "train", ""),
        meta={
            "batches": (("1",), ("1", "2"), (), ("2",), ("2",)),
            "controls_in_test": [("DMSO", "K", "test")],
            "columns": {"role": "split"},
            "shots": np.int64(3),
            "share": float("nan"),
            "object": object(),
        },
    )
    path = write_split(made, tmp_path / "split.json")
    for conditions in (None, made.conditions):
        read = read_split(path, conditions)
        same(read, made)
        assert read.also_train.tolist() == [1]
        assert read.words == made.words
        assert {k: v for k, v in read.meta.items() if k not in ("shots", "share")} == {
            k: made.meta[k] for k in ("batches", "controls_in_test", "columns")
        }
        assert (read.meta["shots"], read.meta["share"]) == (3, None)
    before = path.read_bytes()
    assert write_split(read_split(path), path).read_bytes() == before


@given(data=st.data())
def test_any_split_reads_back(data, tmp_path_factory):
    names = st.text(min_size=1, max_size=4).filter(lambda x: x.isprintable())
    parts = st.sets(names.filter(lambda x: "+" not in x), min_size=1, max_size=2).map(canonical)
    numbers = st.sampled_from([-1.0, 0.05, 1.0, 24.0])
    keys = data.draw(st.lists(st.tuples(names, parts, numbers, numbers), max_size=6, unique=True))
    dose, time = ([np.nan if k[i] < 0 else k[i] for k in keys] for i in (2, 3))
    measured = Conditions.make([k[0] for k in keys], [k[1] for k in keys], dose, time)
    roles = data.draw(st.lists(st.sampled_from([TRAIN, VAL, TEST, EXCLUDED]), min_size=len(keys), max_size=len(keys)))
    also = np.flatnonzero(np.array(roles, dtype="<U8") == TEST)[::2]
    conflicts = tuple((name, TRAIN, TEST) for name in measured.take(also).ids)
    made = Split(measured, np.array(roles, dtype="<U8"), also_train=also, conflicts=conflicts, words=tuple(roles))
    read = read_split(write_split(made, tmp_path_factory.mktemp("m") / "s.json"), made.conditions)
    same(read, made)
    assert read.also_train.tolist() == also.tolist()
    assert read.words == (made.words if any(made.words) else ())


def test_a_row_said_twice_in_one_role_is_no_conflict(manifest):
    rows = rows_of(manifest)
    assert read_split(edited(manifest, rows=rows + rows), table(ROWS)).conflicts == ()


def test_strangers_are_refused(manifest):
    with pytest.raises(InputError) as caught:
        read_split(manifest, table(ROWS[:1]))
    text = str(caught.value)
    assert "names 4 conditions that were not measured" in text
    assert "K | B+C" in text
    assert "\n" not in text


def test_the_first_five_strangers_are_named(manifest):
    more = rows_of(manifest) + [
        {"context": "Z", "perturbation": [f"P{i}"], "dose": None, "time": None, "role": TEST} for i in range(9)
    ]
    with pytest.raises(InputError, match=r"names 9 conditions .*Z \| P0.*Z \| P4 and 4 more"):
        read_split(edited(manifest, rows=more), table(ROWS))


def test_a_dose_kept_in_32_bits_is_the_screen_s(manifest):
    rows = rows_of(manifest)
    for row in rows:
        if row["dose"] is not None:
            row["dose"] = float(np.float32(row["dose"]))
    assert any(r["dose"] not in (None, 0.05, 5.0) for r in rows)
    same(
        read_split(edited(manifest, rows=rows), table(ROWS)),
        split(ROWS, declared=Regime.DOSE, seed=4, group="g", assumed="so"),
    )


def test_a_table_with_many_digits_is_met_as_it_is(tmp_path):
    made = split([Row("K", "A", TRAIN, dose=1 / 3), Row("L", "A", TEST, dose=1 / 3)])
    same(read_split(write_split(made, tmp_path / "s.json"), made.conditions), made)


def test_a_combination_may_be_written_as_text(manifest):
    rows = rows_of(manifest)
    for row in rows:
        row["perturbation"] = "+".join(row["perturbation"][::-1])
    np.testing.assert_array_equal(read_split(edited(manifest, rows=rows), table(ROWS)).roles, split(ROWS).roles)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": "vcassay.split/9"}, "has schema 'vcassay.split/9'"),
        ({"rows": [{"context": "K"}]}, "is not a split manifest"),
        ({"rows": 3}, "is not a split manifest"),
        ({"rows": [{"context": "K", "perturbation": ["A"], "dose": "high", "time": None, "role": "test"}]}, "is not a"),
        ({"rows": [{"context": "K", "perturbation": ["A"], "dose": None, "time": None, "role": "dev"}]}, "role 'dev'"),
        ({"declared": "XEX"}, "declares 'XEX'"),
        ({"declared": ["CEX"]}, "declares"),
    ],
)
def test_refusals(manifest, changes, words):
    with pytest.raises(InputError, match=words) as caught:
        read_split(edited(manifest, **changes), table(ROWS))
    assert str(manifest) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'"text"', b"null"])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    path = tmp_path / "split.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a split manifest"):
        read_split(path)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        read_split(tmp_path / "no.json")
    with pytest.raises(InputError, match="is not a split manifest"):
        read_split(tmp_path)
