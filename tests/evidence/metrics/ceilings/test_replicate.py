"""The full-depth reference is the replicate's score where that is of full depth, and says why not elsewhere."""

from __future__ import annotations

import numpy as np

from vcassay.core import ScoreStatus
from vcassay.evidence.metrics import find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.ceiling import REPLICATE
from vcassay.evidence.metrics.ceilings.replicate import FULL_DEPTH, full_depth_scores, replicate_scores


def test_full_depth_is_exposed_not_worked_out_again(noisy, answer):
    world = noisy(0, each=30, genes=40)
    zero = {"zero": answer("zero", np.zeros_like(world.effect))}
    scores = score_answers(world.panel, zero, 0, 50)
    ceilings = find_ceilings(scores)
    half = replicate_scores(scores, ceilings)
    full = full_depth_scores(scores, ceilings, half)
    assert [(s.metric, s.stratum) for s in full] == [(s.metric, s.stratum) for s in half]
    assert {s.model for s in full} == {FULL_DEPTH}
    kinds = {(s.metric, s.stratum): (s, f) for s, f in zip(half, full, strict=True)}
    one, other = kinds["pearson_delta", "detectable"]
    assert one.value == other.value  # Spearman-Brown: of full depth
    assert kinds["nmse", "detectable"][0].value == kinds["nmse", "detectable"][1].value
    _, lost = kinds["pds_cosine", "detectable"]
    assert ceilings["pds_cosine", "detectable"].kind == REPLICATE  # no lesser depths were compared
    assert (lost.value, lost.status) == (None, ScoreStatus.UNDEFINED)
    assert lost.reason == "replicates of less depth were not compared"
