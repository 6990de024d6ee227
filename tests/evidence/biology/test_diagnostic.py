from __future__ import annotations

import pytest

from vcassay.core import PluginError, Status
from vcassay.core.vocabulary import VOCABULARY
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS, diagnostic, finding, room_of


def test_importing_the_room_fills_the_registry():
    entry = DIAGNOSTICS["dose_response"]
    assert set(entry.arguments) <= set(VOCABULARY)
    assert entry.arguments == ("bench", "rng")
    assert entry.source
    assert entry.meta["title"] == "Dose response"
    assert room_of("dose_response") == "dose"
    assert room_of("nobody's") == ""


def test_a_misspelt_argument_is_refused_with_a_suggestion():
    with pytest.raises(PluginError, match="did you mean 'effects'"):

        @diagnostic("x", title="t", source="s")
        def wrong(effect):
            """Ask for what nobody provides."""

    assert "x" not in DIAGNOSTICS


def test_a_finding_is_of_biology_and_never_blocks():
    made = finding("dose_response", Status.FAIL, "No.", evidence=[{"dose": 1.0}])
    assert (made.family, made.blocks, made.title, made.evidence) == (
        "biology",
        False,
        "Dose response",
        ({"dose": 1.0},),
    )
