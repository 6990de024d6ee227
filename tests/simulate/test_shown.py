"""What a screen and everything made from it show of themselves."""

from __future__ import annotations

import numpy as np
import pytest

import vcassay as va


@pytest.fixture(scope="module")
def simulation():
    plan = va.SimulationPlan(n_genes=60, n_contexts=3, n_crispri=5, n_drugs=3, n_combinations=0, cells_per_condition=12)
    return va.simulate_screen(plan, seed=0)


@pytest.fixture(scope="module")
def effects(simulation):
    return va.measure(simulation.screen)


def test_a_screen_counts_rows_controls_and_conditions(simulation):
    screen = simulation.screen
    text = repr(screen)
    controls = int((screen.table.condition == -1).sum())
    assert f"{screen.n_rows:,} cells, {controls:,} of them controls" in text
    assert f"conditions     {len(screen.conditions)}" in text
    assert "60, counts" in text


def test_effects_show_the_strongest_first(effects):
    lines = repr(effects).splitlines()
    assert lines[0] == f"Effects of {len(effects.conditions)} conditions on 60 features"
    head = next(i for i, line in enumerate(lines) if line.lstrip().startswith("strongest"))
    best = effects.conditions.ids[int(np.nanargmax(effects.effect))]
    assert lines[head + 1].strip().startswith(best)
    counted = [f"{int((effects.stratum == s).sum())} {s}" for s in np.unique(effects.stratum)]
    assert all(words in repr(effects) for words in counted)


def test_a_split_and_its_claim_say_what_is_tested(effects):
    split = va.split(effects.conditions, "cex", seed=0)
    assert f"{len(split.test)} test" in repr(split)
    assert "declared            CEX" in repr(split)
    claim = va.claim(effects.conditions, split)
    assert repr(claim).startswith(f"Claim: CEX: {claim.sentence()}")
    html = claim._repr_html_()
    assert all(s.reason.split("'")[0].split('"')[0][:20] in html for s in claim.does_not_support())


def test_a_prediction_counts_its_abstentions(effects):
    values = effects.delta.copy()
    values[:2] = np.nan
    answer = va.Prediction("mine", effects.conditions, effects.genes, values)
    assert "abstains  2 conditions" in repr(answer)
    assert "declared  nothing" in repr(answer)
