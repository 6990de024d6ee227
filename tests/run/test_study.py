"""study.toml: every refusal names the file, the key and the mend; what is plain is taken as meant."""

from __future__ import annotations

import pytest

from vcassay.core import InputError
from vcassay.run.study import Study, naming, parse_study, read_study

GOOD = '[data]\nscreen = "x.h5ad"\n'
MODEL = '[[model]]\nname = "m"\npredictions = "p.h5ad"\n'


def refused(text, tmp_path) -> str:
    path = tmp_path / "study.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as error:
        read_study(path)
    sentence = str(error.value)
    assert sentence.startswith(str(path))
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence.removeprefix(str(path))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"\xff\xfe", ": is not TOML"),
        ("a = = b", ": is not TOML"),
        ("seed = 1\nseed = 2\n" + GOOD, ": is not TOML"),
        ("[data]\n", ", [data]: lacks the key 'screen'; add it."),
        (GOOD + "[evidense]\n", ": has an unknown key 'evidense'; did you mean 'evidence'?"),
        (
            GOOD + MODEL + 'predicion = "x"\n',
            ", [[model]]: has an unknown key 'predicion'; did you mean 'predictions'?",
        ),
        ('schema = "vcassay.study/9"\n' + GOOD, "'schema' is 'vcassay.study/9'"),
        ("seed = -1\n" + GOOD, "'seed' is -1"),
        ('seed = "one"\n' + GOOD, "'seed' is 'one', but it should be a whole number"),
        (GOOD + 'backed = "maybe"\n', ", [data]: 'backed' is 'maybe', but it should be true or false"),
        (GOOD + "control = 3\n", "'control' is 3, but it should be a list, such as ['a', 'b']"),
        (GOOD + 'rows = "wells"\n', "'cells', 'replicates' or 'effects'"),
        (GOOD + "target_sum = 0\n", "'target_sum' is 0"),
        (GOOD + "target_sum = inf\n", "'target_sum' is inf"),
        (GOOD + '[split]\nmake = "cex"\nfraction = 1\n', ", [split]: 'fraction' is 1"),
        (GOOD + '[split]\nmake = "cex"\nseed = -3\n', ", [split]: 'seed' is -3"),
        (GOOD + '[split]\npredicted = true\nmake = "cex"\n', "more than once"),
        (GOOD + "[evidence]\ndifference = 2.0\n", ", [evidence]: 'difference' is 2.0"),
        (GOOD + '[require]\nlevel = "good"\n', "'supported', 'split-limited'"),
        (GOOD + '[claim]\nexpect = "gex"\n', "'GEX'"),
        (GOOD + MODEL + 'baseline = "ridge"\n', ", [[model]]: model 'm' has two sources"),
        (GOOD + MODEL.replace('"m"', '""'), ", [[model]]: 'name' is '', but it should not be empty"),
        (GOOD + MODEL + 'space = "effects"\n', "'delta', 'expression' or 'counts'"),
        (GOOD + MODEL + "looks = -1\n", "'looks' is -1"),
        (
            GOOD + MODEL + 'columns = { pertubation = "p" }\n',
            ", [[model.columns]]: has an unknown key 'pertubation'; use 'perturbation', 'context', 'dose' or 'time'.",
        ),
        (
            GOOD + MODEL + 'seeds = ["b", "b"]\n',
            ", [[model]] seeds: model 'm' names a seed twice; give 'predictions' of one seed",
        ),
        (
            GOOD + '[[model]]\nname = "m"\nbaseline = "ridge"\nseeds = "b"\n',
            ", [[model]] seeds: model 'm' has seeds",
        ),
        (GOOD + "[evidence]\nequivalence = 0\n", ", [evidence]: 'equivalence' is 0"),
        (
            GOOD + MODEL + '[model.ablations]\nshufled_perturbation = "p"\n',
            ", [[model.ablations]]: has an unknown key 'shufled_perturbation'",
        ),
    ],
)
def test_refused(text, wanted, tmp_path):
    assert wanted in refused(text, tmp_path)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="is missing; write one with `vcassay init"):
        read_study(tmp_path)


def test_one_text_stands_for_a_list_of_one():
    data = {"screen": "x", "control": "DMSO", "drop_contexts": "HeLa"}
    model = {"name": "m", "predictions": "p", "inputs": "smiles", "pretraining": []}
    study = parse_study({"data": data, "model": [model]}, "here")
    assert study.data.control == ("DMSO",)
    assert study.data.drop_contexts == ("HeLa",)
    assert study.model[0].inputs == ("smiles",)
    assert study.model[0].pretraining == ()


def test_what_is_not_stated_is_not_guessed_here():
    study = parse_study({"data": {"screen": "x"}}, "here")
    assert study == Study(data={"screen": "x"})
    assert study.model == ()
    assert study.data.context is None
    assert study.split.file is None


def test_variables_are_replaced_wherever_they_stand(tmp_path, monkeypatch):
    monkeypatch.setenv("HERE", "/a/b")
    path = tmp_path / "study.toml"
    path.write_text(
        '[data]\nscreen = "${HERE}/x.h5ad"\ncontrol = ["${HERE}"]\nannotation = { moa = "${HERE}-m" }\n'
        + MODEL.replace("p.h5ad", "${HERE}/${HERE}.h5ad")
    )
    study, _ = read_study(path)
    assert study.data.screen == "/a/b/x.h5ad"
    assert study.data.control == ("/a/b",)
    assert study.data.annotation == {"moa": "/a/b-m"}
    assert study.model[0].predictions == "/a/b//a/b.h5ad"


def test_an_error_of_a_section_gets_the_name_of_its_file(tmp_path):
    path = tmp_path / "study.toml"
    with pytest.raises(InputError) as error, naming(path):
        raise InputError("is wrong", where="[split] make", mend="mend it")
    assert str(error.value) == f"{path}, [split] make: is wrong; mend it."
    with pytest.raises(InputError) as error, naming(path):
        raise InputError("is wrong", where="screen.h5ad", mend="mend it")
    assert error.value.where == "screen.h5ad"
    with pytest.raises(InputError) as error, naming(None):
        raise InputError("is wrong", where="[split] make", mend="mend it")
    assert error.value.where == "[split] make"
