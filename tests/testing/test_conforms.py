import numpy as np
import pytest

from vcassay.core.errors import PluginError
from vcassay.core.registry import Entry
from vcassay.evidence.metrics import METRICS
from vcassay.testing import conforms, nonconformity


@pytest.mark.parametrize("name", [entry.name for entry in METRICS])
def test_every_registered_metric_conforms(name):
    conforms(name)()


def test_a_metric_that_is_wrong_is_told_what_is_wrong(monkeypatch):
    def leaky(truth, pred, mask):
        return np.cumsum(truth[:, 0] * pred[:, 0])

    good = METRICS["pearson_delta"]
    bad = Entry("leaky", "", "", leaky, ("truth", "pred", "mask"), dict(good.meta))
    monkeypatch.setitem(METRICS._entries, "leaky", bad)
    problems = nonconformity("leaky")
    assert any("perfect copy" in p for p in problems)
    assert any("order of genes" in p for p in problems)
    with pytest.raises(AssertionError, match="leaky"):
        conforms("leaky")()


def test_a_plug_in_is_tested_by_its_function():
    import vcassay as va

    va.testing.conforms(METRICS["pearson_delta"].obj)()

    def stray(truth, pred, mask):
        return truth[:, 0]

    with pytest.raises(PluginError, match="stray"):
        va.testing.conforms(stray)()
