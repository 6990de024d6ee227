"""What study.toml may not say, each in one sentence with file, key and mend."""

import pytest

from vcassay.core import InputError
from vcassay.run.study import read_study

GOOD = '[data]\nscreen = "x.h5ad"\n'
MODEL = '[[model]]\nname = "m"\npredictions = "p.h5ad"\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[data\n", "is not TOML"),
        ("", "lacks the key 'data'"),
        ('[data]\nscren = "x"\n', "unknown key 'scren'; did you mean 'screen'"),
        (GOOD + '[claim]\nuse = "targetid"\n', "did you mean 'target-id'"),
        (GOOD + '[split]\nmake = "gx"\n', "did you mean 'gex'"),
        (GOOD + '[split]\nmake = "gex"\nfile = "s.json"\n', "more than once"),
        (GOOD + "[evidence]\ndraws = 3\n", "draws"),
        (GOOD + MODEL + MODEL, "two models alike"),
        (GOOD + '[[model]]\nname = "m"\n', "no source"),
        (GOOD + MODEL + "inputs = 3\n", "inputs"),
        (GOOD.replace("x.h5ad", "${NOT_SET_ANYWHERE}/x.h5ad"), "environment variable NOT_SET_ANYWHERE"),
    ],
)
def test_refused_in_one_sentence(text, wanted, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_study(path)
    sentence = str(error.value)
    assert wanted in sentence
    assert "study.toml" in sentence
    assert "\n" not in sentence


def test_a_good_one_with_an_environment_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENS", "/data")
    path = tmp_path / "study.toml"
    path.write_text(GOOD.replace("x.h5ad", "${SCREENS}/x.h5ad") + MODEL)
    study, folder = read_study(path)
    assert study.data.screen == "/data/x.h5ad"
    assert folder == tmp_path
    assert study.model[0].inputs is None
