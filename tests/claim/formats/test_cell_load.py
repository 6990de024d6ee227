"""cell-load's TOML: read as cell-load means it, with a screen and without one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.claim.formats.builders import NAMES, grid, roles, same

from vcassay.claim import Split
from vcassay.claim.formats import cell_load_alone, read_cell_load, write_cell_load
from vcassay.core import InputError
from vcassay.core.conditions import canonical

TABLE = grid(["HepG2", "K562", "RPE1"], [("A",), ("B",), ("C",)])
TAHOE = """
[datasets]
tahoe = "/data/tahoe"
[training]
tahoe = "train"
[zeroshot]
[fewshot]
[fewshot."tahoe.CVCL_1"]
val = ["[('Trametinib', 0.05, 'uM')]", "[('Sotorasib', 5.0, 'uM')]"]
test = ["[('Trametinib', 5.0, 'uM')]", "[('Trametinib', 5.0, 'uM')]", "[('DMSO_TF', 0.0, 'uM')]",
        "[('Sotorasib', 5.0, 'uM')]", "[('Erdafitinib ', 5.0, 'uM')]"]
"""


def save(tmp_path, text):
    path = tmp_path / "s.toml"
    path.write_text(text)
    return path


def test_doses_duplicates_controls_and_overlap(tmp_path):
    drugs = [("Trametinib",), ("Sotorasib",), ("Erdafitinib",)]
    table = grid(["CVCL_1", "CVCL_2"], drugs, [0.05, 5.0])
    split = read_cell_load(save(tmp_path, TAHOE), table)
    assert {k: v for k, v in roles(split).items() if v != "train"} == {
        "CVCL_1 | Erdafitinib | 5": "test",
        "CVCL_1 | Sotorasib | 5": "test",
        "CVCL_1 | Trametinib | 0.05": "val",
        "CVCL_1 | Trametinib | 5": "test",
    }
    assert split.conflicts == (("CVCL_1 | Sotorasib | 5", "val", "test"),)
    assert split.meta["duplicates"] == {"CVCL_1 | test": ["[('Trametinib', 5.0, 'uM')]"]}
    assert split.meta["controls_in_test"] == [("[('DMSO_TF', 0.0, 'uM')]", "CVCL_1", "test")]
    with pytest.raises(
        InputError, match=r"lists 3 conditions that were not measured.*would match by name, but the screen"
    ):
        read_cell_load(save(tmp_path, TAHOE), grid(["CVCL_1"], drugs, [0.05]))


def test_without_a_screen(tmp_path):
    text = TAHOE.replace("[zeroshot]", '[zeroshot]\n"tahoe.CVCL_9" = "test"')
    split = cell_load_alone(save(tmp_path, text))
    assert roles(split) == {
        "CVCL_1 | Erdafitinib | 5": "test",
        "CVCL_1 | Sotorasib | 5": "test",
        "CVCL_1 | Trametinib | 0.05": "val",
        "CVCL_1 | Trametinib | 5": "test",
    }
    assert "does not list the training set" in split.assumed
    assert split.meta["zeroshot"] == [("CVCL_9", "test")]
    assert split.meta["fewshot"] == {
        "CVCL_1": {"val": 2, "test": 5, "val_unique": 2, "test_unique": 4, "duplicates": 1, "val_and_test": 1}
    }
    assert split.meta["controls_in_test"] == [("[('DMSO_TF', 0.0, 'uM')]", "CVCL_1", "test")]
    with pytest.raises(InputError, match="lists no condition: it holds out whole contexts"):
        cell_load_alone(save(tmp_path, '[training]\nr = "train"\n[zeroshot]\n"r.K562" = "test"\n'))


def test_names_that_were_not_quoted_and_datasets_with_dots(tmp_path):
    text = '[training]\nr = "train"\n[zeroshot]\nr.K562 = "val"\n[fewshot.r.HepG2]\ntest = ["B"]\n'
    split = read_cell_load(save(tmp_path, text), TABLE)
    assert [k for k, v in roles(split).items() if v == "val"] == ["K562 | A", "K562 | B", "K562 | C"]
    assert [k for k, v in roles(split).items() if v == "test"] == ["HepG2 | B"]
    text = '[datasets]\n"a.b" = "x"\n[training]\n"a.b" = "train"\n[zeroshot]\n"a.b.L1.v2" = "test"\n'
    assert roles(read_cell_load(save(tmp_path, text), grid(["L1.v2", "K"], [("A",)]))) == {
        "K | A": "train",
        "L1.v2 | A": "test",
    }


def test_several_datasets_of_which_the_screen_is_one(tmp_path):
    text = '[training]\na = "train"\nb = "train"\n[zeroshot]\n"a.K562" = "test"\n"b.Jurkat" = "test"\n'
    split = read_cell_load(save(tmp_path, text), TABLE)
    assert set(split.conditions.context[split.test]) == {"K562"}
    assert "Sections of b were left out." in [n for n, _ in split.meta["notes"]]
    same(read_cell_load(save(tmp_path, text), TABLE, dataset="a"), split)
    with pytest.raises(InputError, match="names no dataset 'c'"):
        read_cell_load(save(tmp_path, text), TABLE, dataset="c")


def test_what_is_not_trained_on_is_excluded(tmp_path):
    text = '[training]\n[zeroshot]\n"a.K562" = "test"\n[fewshot."a.HepG2"]\nval = ["A"]\n'
    split = read_cell_load(save(tmp_path, text), TABLE)
    assert roles(split)["RPE1 | A"] == "excluded"
    assert roles(split)["HepG2 | B"] == "train"
    split = read_cell_load(save(tmp_path, text.replace("[training]\n", "")), TABLE)
    assert roles(split)["RPE1 | A"] == "train"
    assert "no [training] section" in split.assumed


def test_zero_shot_wins_and_case_does_not_matter(tmp_path):
    text = '[training]\na = "train"\n[zeroshot]\n"a.hepg2" = "test"\n[fewshot."a.hepg2"]\nval = ["A"]\n'
    split = read_cell_load(save(tmp_path, text), TABLE)
    assert {v for k, v in roles(split).items() if k.startswith("HepG2")} == {"test"}
    assert len(split.meta["notes"]) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = [", "is not TOML"),
        ("[other]\n", "is not a cell-load split"),
        ('[zeroshot]\n"a.K562" = "tset"\n', r"\[zeroshot\]: has the role 'tset'"),
        ('[fewshot."a.K562"]\ntest = "A"\n', "'test' is not a list"),
        ('[fewshot."a.K562"]\ntest = ["X", "Y"]\n', r"lists 2 conditions .* \(K562 \| X, K562 \| Y\)"),
        ('fewshot = 3\n', "'fewshot' is not a section"),
    ],
)  # fmt: skip
def test_refusals(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_cell_load(save(tmp_path, text), TABLE)


@given(data=st.data())
def test_a_written_split_reads_back(data, tmp_path_factory):
    parts = data.draw(
        st.lists(st.sets(NAMES, min_size=1, max_size=2).map(canonical), min_size=1, max_size=5, unique=True)
    )
    contexts = data.draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.casefold))
    doses = data.draw(st.sampled_from([(), (0.05, 0.5, 5.0)]))
    table = grid(contexts, parts, doses)
    role = st.sampled_from(["train", "val", "test"])
    split = Split(table, np.array(data.draw(st.lists(role, min_size=len(table), max_size=len(table)))))
    path = write_cell_load(split, tmp_path_factory.mktemp("c") / "c.toml", dataset="set")
    same(read_cell_load(path, table), split)
    assert [p.name for p in path.parent.iterdir()] == ["c.toml"]


def test_what_cell_load_cannot_say(tmp_path):
    path = tmp_path / "x.toml"
    n = len(TABLE)
    with pytest.raises(InputError, match="excluded"):
        write_cell_load(Split(TABLE, np.array(["excluded"] * n)), path)
    with pytest.raises(InputError, match="cells of a condition are parted"):
        write_cell_load(Split(TABLE, np.array(["test"] * n), also_train=np.array([0])), path)
    whole = grid("KL", [("A+B",), ("A", "B")])
    with pytest.raises(InputError, match="would be read as other conditions"):
        write_cell_load(Split(whole, np.array(["test", "train", "train", "train"])), path)
    assert not path.exists()
