"""A disclosure is read from a file of its own or from the study, with its short forms."""

from __future__ import annotations

import pytest

from vcassay.core import InputError
from vcassay.prediction import Disclosure, declare
from vcassay.run.disclosures import disclosure_files, model_disclosure, read_disclosure
from vcassay.run.study import parse_study

FULL = """schema = "vcassay.disclosure/1"
inputs = ["smiles", { name = "dose", why = "it is known" }]
controls = "none"
graphs = [{ name = "STRING", built_from = "all genes", released = 2023-07-26, file = "edges.csv" }]
priors = [{ name = "GenePT", kind = "text", access = "public", holds_test = false, file = "text.csv" }]
pretraining = [{ name = "atlas", accessions = "GSE1", contexts = "K562", perturbed = false, barcodes = "b.md5" }]
genes = "training"
scaling = { data = "all", why = "published scaler" }
filters = [{ by = "knockdown", dropped = 3 }]
selection = "validation"
looks = 1
submissions = 0
losses = "losses.csv"

[why]
selection = "by loss"
"""


def model(**entries):
    study = {"data": {"screen": "x"}, "model": [{"name": "m", "predictions": "p", **entries}]}
    return parse_study(study, "study.toml").model[0]


@pytest.fixture
def full(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "disclosure.toml").write_text(FULL)
    return tmp_path


def test_a_file_holds_every_entry(full):
    found = read_disclosure(full / "theirs" / "disclosure.toml")
    assert found.model_fields_set == set(Disclosure.model_fields)
    assert found.pretraining[0].accessions == ("GSE1",)
    assert found.inputs[1].why == "it is known"
    assert found.files == ("edges.csv", "text.csv", "b.md5", "losses.csv")


def test_paths_start_from_the_file_that_names_them(full):
    own = model(disclosure="theirs/disclosure.toml")
    found, base = model_disclosure(own, full)
    assert base == full / "theirs"
    assert disclosure_files(own, full)[:2] == [base / "disclosure.toml", base / "edges.csv"]
    inline = model(disclosure={"losses": "l.csv"})
    assert disclosure_files(inline, full) == [full / "l.csv"]
    assert found.located(lambda f: f"/x/{f}").files == ("/x/edges.csv", "/x/text.csv", "/x/b.md5", "/x/losses.csv")


def test_short_forms_join_and_are_not_said_twice(full):
    found, _ = model_disclosure(model(looks=2, disclosure={"selection": "validation"}), full)
    assert found == declare(looks=2, selection="validation")
    assert found.pretraining is None
    with pytest.raises(InputError, match="states 'looks' twice"):
        model_disclosure(model(looks=2, disclosure="theirs/disclosure.toml"), full)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grahps = []", "d.toml: has an unknown key 'grahps'; did you mean 'graphs'?"),
        ('[[priors]]\nname = "x"\nkin = "text"', r"d.toml, \[priors\]: has an unknown key 'kin'; did you mean 'kind'?"),
        ('[[genes]]\ndata = "all"', "'genes' is 'list', but it should be a section"),
        ('genes = "most"', r"\[genes\]: 'data' is 'most', but it should be 'training', 'all', 'test'"),
        ("looks = -1", "'looks' is -1, but it should be greater than or equal to 0"),
        ("[[filters]]\ndropped = 3", r"\[filters\]: lacks the key 'by'"),
        ('schema = "vcassay.study/1"', "has schema 'vcassay.study/1'; this version reads 'vcassay.disclosure/1'"),
        ("looks = ", "is not TOML"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, text, said):
    path = tmp_path / "d.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_disclosure(path)


@pytest.mark.parametrize(
    ("disclosure", "said"),
    [
        ({"grahps": []}, r"study.toml, \[\[model.disclosure\]\]: has an unknown key 'grahps'; did you mean 'graphs'?"),
        ({"pretraining": [{"name": "a", "accession": "G"}]}, "'accession'; did you mean 'accessions'?"),
        (3, r"\[\[model\]\]: 'disclosure' is 3, but it should be a section"),
    ],
)
def test_mistakes_in_the_study_are_named_alike(disclosure, said):
    with pytest.raises(InputError, match=said):
        model(disclosure=disclosure)


def test_a_missing_file_is_named_with_the_form_to_write(tmp_path):
    with pytest.raises(InputError, match="is missing; write one with `vcassay init --disclosure"):
        model_disclosure(model(disclosure="no.toml"), tmp_path)
