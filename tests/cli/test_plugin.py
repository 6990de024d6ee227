"""`--plugin`: before the verb, any verb."""

from __future__ import annotations

import pytest

from vcassay.core import provenance
from vcassay.evidence.metrics import METRICS

METRIC = '''
import numpy as np
import vcassay as va

@va.metric("always_one_{n}", title="One", family="calls", optimum=1.0, chance=0.5, higher_is_better=True, source="here")
def one(truth):
    """One for every condition."""
    return np.ones(len(truth))
'''


@pytest.fixture
def restored(monkeypatch):
    monkeypatch.setattr(METRICS, "_entries", dict(METRICS._entries))
    monkeypatch.setattr(provenance, "PLUGINS", loaded := {})
    monkeypatch.setattr("vcassay.core.plugins.PLUGINS", loaded)


def test_a_plug_in_is_listed_and_explained(vcassay, tmp_path, restored):
    file = tmp_path / "one.py"
    file.write_text(METRIC.format(n=1))
    ended = vcassay("--plugin", file, "explain", "always_one_1")
    assert ended.status == 0
    assert "One for every condition." in ended.out
    assert "always_one_1" in vcassay("list", "metrics").out


def test_a_broken_plug_in_is_one_sentence(vcassay, tmp_path, restored):
    file = tmp_path / "broken.py"
    file.write_text(METRIC.format(n=2).replace("one(truth)", "one(trouth)"))
    ended = vcassay("--plugin", file, "list")
    assert ended.status == 2
    assert "asks for 'trouth', which nobody provides: did you mean 'truth'?" in ended.said
    assert vcassay("--plugin", tmp_path / "none.py", "list").status == 2
