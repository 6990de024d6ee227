"""Studies in which a question about two modalities makes no sense: all say so, none crashes."""

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.testing.planted import plant

DIAGNOSTICS = ("inhibitor_analogue", "genetic_evidence", "direction_agreement")
SHAPES = {
    "compounds alone": (["a", "b", "c", "d"], ["compound"] * 4, [1.0] * 4),
    "genes alone": (["K1", "K2", "K3", "K4"], ["CRISPRi"] * 4, [np.nan] * 4),
    "one compound beside genes": (["K1", "K2", "K3", "z"], ["CRISPRi"] * 3 + ["compound"], [np.nan] * 3 + [1.0]),
    "combinations of both": (["K1", "K2", "K1+z", "K2+z"], ["CRISPRi"] * 2 + ["drug"] * 2, [np.nan] * 2 + [1.0] * 2),
    "no modality": (["x1", "x2", "x3", "x4"], [""] * 4, [np.nan] * 4),
}


@pytest.fixture(scope="module", params=SHAPES)
def study(request):
    names, kinds, doses = SHAPES[request.param]
    rng = np.random.default_rng(0)
    nothing = np.full(4, np.nan)
    parts = tuple(tuple(sorted(n.split("+"))) for n in names)
    table = Conditions(np.full(4, "A"), parts, np.array(doses), nothing, np.array(kinds))
    return plant(table, rng.standard_normal((4, 30)), np.array([False, False, True, True]), rng)


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_there_is_a_sentence_and_no_crash(study, name):
    truth = study.delta[study.test]
    same = {"model": study.answer(truth)}
    found = study.run(name, study.answer(truth), without_genetic=same)
    assert [f.model for f in found] == [None, "model"]
    assert all(f.status is Status.NA for f in found)
    assert all(f.sentence.startswith("Not assessable: ") for f in found)
