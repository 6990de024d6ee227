from __future__ import annotations

import pytest

from vcassay.core import PluginError, Status
from vcassay.core.threshold import registered
from vcassay.core.vocabulary import VOCABULARY
from vcassay.evidence.leakage.check import CHECKS, EVIDENCE_ROWS, check, finding

BLOCKING = {"L01", "L12", "L20m", "L21", "L21b", "L24", "L27"}


def test_importing_the_room_fills_the_registry():
    names = {entry.name for entry in CHECKS}
    assert names >= BLOCKING | {"L20", "L24c", "L26", "batch_match", "L15m", "L15"}
    for entry in CHECKS:
        assert set(entry.arguments) <= set(VOCABULARY)
        assert entry.source
        assert entry.summary.endswith(".")
        assert entry.meta["title"]


def test_only_named_checks_decide_a_verdict():
    assert {entry.name for entry in CHECKS if entry.meta["blocks"]} & {e.name for e in CHECKS} == BLOCKING


def test_a_misspelt_argument_is_refused_with_a_suggestion():
    with pytest.raises(PluginError, match="did you mean 'split'"):

        @check("X1", title="t", source="s")
        def wrong(splitt):
            """Ask for what nobody provides."""

    assert "X1" not in CHECKS


def test_a_finding_takes_its_words_from_the_registration():
    made = finding("L26", Status.PASS, "Fine.", evidence=({"row": i} for i in range(50)))
    assert (made.title, made.blocks, made.family) == ("Copies of training effects", False, "leakage")
    assert [r["row"] for r in made.evidence] == list(range(EVIDENCE_ROWS))
    assert finding("L01", Status.PASS, "Fine.").blocks
    assert not finding("L01", Status.PASS, "Fine.", blocks=False).blocks


def test_thresholds_are_registered_with_a_source():
    known = {t.name: t for t in registered()}
    for name in ("rows_min_nonzero", "nuisance_rho", "nuisance_p", "ablation_margin", "copy_r", "seen_cells_p"):
        assert known[name].source
