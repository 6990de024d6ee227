"""Abstentions are counted, cannot change what is scored, and are worth no more than an answer at chance."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.agreement import Ratio
from vcassay.effects.distributions import NAMES
from vcassay.evidence.metrics import METRICS, score_answers
from vcassay.evidence.metrics.calibration.planted import planted_panel
from vcassay.evidence.metrics.ceilings.cell_references import perfect_cells
from vcassay.evidence.metrics.filled import Filled, on_truth, settle, usable
from vcassay.evidence.metrics.inference.answered import ANSWERED, answered_scores
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import applies
from vcassay.prediction import Answer


@cache
def panel() -> Panel:
    """A planted panel, with a comparison of cells."""
    made = planted_panel(0)
    n = len(made.context)
    rng = np.random.default_rng(1)
    below = rng.gamma(2.0, size=n)
    below[3] = np.nan
    cells = {
        name: np.where(np.isnan(below), np.nan, 0.3) if name == "variance" else Ratio(below, below) for name in NAMES
    }
    return replace(made, perfect_cells=perfect_cells(cells))


ENTRIES = [e for e in METRICS if applies(e, planted_panel(0)) and e.name != "basis_explained"]


def predicted_cells(quality: float) -> dict:
    """Distances closed by ``quality``, errors of 1 - ``quality``."""
    cells = {}
    for name, v in (panel().perfect_cells or {}).items():
        part = quality if name in ("energy", "mmd", "sinkhorn", "sliced") else 1.0 - quality
        cells[name] = Ratio(part * v.denominator, v.denominator) if isinstance(v, Ratio) else v + 0.1
    return cells


def filled(pred: np.ndarray, quality: float, of: Panel | None = None) -> dict[str, Filled]:
    here = panel() if of is None else of
    values, present = usable(here, pred)
    noise = np.where(present[:, None], 1e-3, 0.0) * np.ones_like(values)
    inputs = Inputs(here, values, noise, predicted_cells(quality), present)
    return {e.name: settle(e, on_truth(e, here), inputs, present) for e in ENTRIES}


def total(f: Filled, values: np.ndarray | None = None) -> float:
    values, at = f.values if values is None else values, f.defined
    return float(values[at].mean() if f.denominator is None else values[at].sum() / f.denominator[at].sum())


@cache
def coupled() -> set[str]:
    """Metrics in which the value of a condition depends on what was predicted for the others."""
    rng = np.random.default_rng(9)
    truth = np.asarray(panel().inputs["truth"])
    pred = truth + truth.std() * rng.normal(size=truth.shape)
    other = np.arange(len(pred)) % 3 == 0
    several = []
    for x in (pred, np.where(other[:, None], 0.0, pred), np.where(other[:, None], 9.0 * pred, pred)):
        present = np.ones(len(x), dtype=bool)
        inputs = Inputs(panel(), x, None, predicted_cells(1.0), present)
        several.append({e.name: settle(e, on_truth(e, panel()), inputs, present) for e in ENTRIES})
    out = {"pds_l2_matched"}  # its length is that of all predictions of a context
    for e, changed in product(ENTRIES, several[1:]):
        a, b = several[0][e.name], changed[e.name]
        at = a.defined & ~other
        same = np.allclose(a.values[at], b.values[at], rtol=1e-9)
        below = a.denominator is None or np.allclose(a.denominator[a.defined], b.denominator[a.defined], rtol=1e-9)
        out |= set() if same and below else {e.name}
    return out


class Case(NamedTuple):
    full: dict[str, Filled]
    part: dict[str, Filled]
    lost: np.ndarray


def case(seed: int, share: float, quality: float) -> Case:
    """An answer of some quality (below 0: worse than chance), and the same without some of its rows."""
    rng = np.random.default_rng(seed)
    truth = np.asarray(panel().inputs["truth"])
    pred = quality * truth + 0.5 * truth.std() * rng.normal(size=truth.shape)
    lost = rng.random(len(pred)) < share
    part = pred.copy()
    part[lost] = np.nan
    return Case(filled(pred, quality), filled(part, quality), lost)


CASES = {"seed": st.integers(0, 999), "share": st.floats(0.0, 1.0), "quality": st.sampled_from([-1.0, 0.0, 0.5, 1.0])}


@settings(max_examples=12, deadline=None)
@given(**CASES)
def test_an_abstention_drops_no_condition_from_what_is_scored(seed: int, share: float, quality: float) -> None:
    c = case(seed, share, quality)
    for e in ENTRIES:
        full, part = c.full[e.name], c.part[e.name]
        np.testing.assert_array_equal(part.defined, full.defined, err_msg=e.name)
        expected = (full.at_chance | c.lost) & full.defined
        assert part.at_chance[expected].all(), e.name
        assert e.name in coupled() or not part.at_chance[~expected].any(), e.name  # the only answer of a context


@settings(max_examples=12, deadline=None)
@given(**CASES)
def test_an_abstention_is_worth_an_answer_at_chance(seed: int, share: float, quality: float) -> None:
    """Exactly, and the other conditions keep their values: so it gains only where the answer was worse than chance."""
    c = case(seed, share, quality)
    for e in ENTRIES:
        chance = e.meta["chance"]
        full, part = c.full[e.name], c.part[e.name]
        if chance is None or e.name in coupled() or not full.defined.any():
            continue
        if e.name in ("nmse", "nmse_perturbed", "null_effect"):
            continue  # what sampling may excuse depends on the spread of all answers: see below
        below = 1.0 if full.denominator is None else full.denominator
        expected = np.where(c.lost, chance * below, full.values)
        at = full.defined
        np.testing.assert_allclose(part.values[at], expected[at], rtol=1e-12, atol=1e-12, err_msg=e.name)
        if full.denominator is not None:
            np.testing.assert_array_equal(part.denominator[at], full.denominator[at], err_msg=e.name)


@pytest.mark.parametrize("name", ["nmse", "nmse_perturbed", "null_effect"])
def test_abstentions_do_not_raise_what_sampling_excuses(name: str) -> None:
    for seed in range(4):
        c = case(seed, 0.4, 0.5)
        full, part = c.full[name], c.part[name]
        at = full.defined & ~c.lost
        scale = np.abs(full.values[at]).max()
        assert (part.values[at] > full.values[at] - 1e-9 * scale).all()


@pytest.mark.parametrize("quality", [0.5, 1.0])
def test_good_answers_lose_by_abstentions(quality: float) -> None:
    """Also where conditions depend on each other; on average over draws for these."""
    gain: dict[str, list[float]] = {}
    for seed in range(6):
        c = case(seed, 0.3, quality)
        for e in ENTRIES:
            if e.meta["chance"] is None or not c.full[e.name].defined.any():
                continue
            sign = 1.0 if e.meta["higher_is_better"] else -1.0
            gain.setdefault(e.name, []).append(sign * (total(c.part[e.name]) - total(c.full[e.name])))
    # near chance throughout: an answer says next to nothing, and so does its absence
    weak = {name for name, found in gain.items() if np.mean(found) > -0.01}
    assert all(np.mean(gain[name]) < 0.01 for name in weak)
    assert not {"magnitude_spearman", "null_auroc", "pds_cosine_reverse"} & weak
    assert not {"nmse", "pearson_delta", "pds_cosine", "energy_skill"} & coupled()


def test_silence_is_chance() -> None:
    f = filled(np.full_like(np.asarray(panel().inputs["truth"]), np.nan), 1.0)
    for e in ENTRIES:
        chance, found = e.meta["chance"], f[e.name]
        if not found.defined.any():
            continue
        if chance is None:
            assert found.impossible, e.name
        else:
            assert total(found) == pytest.approx(chance, abs=1e-12), e.name
            assert found.at_chance[found.defined].all(), e.name


def test_metrics_without_chance_have_no_score_with_abstentions() -> None:
    c = case(0, 0.3, 1.0)
    for e in ENTRIES:
        if e.meta["chance"] is None and c.full[e.name].defined[c.lost].any():
            assert c.part[e.name].impossible, e.name


def test_retrieval_keeps_abstained_conditions_as_candidates() -> None:
    """An answer that is nearest to a condition without an answer stays wrong."""
    pred = np.roll(np.asarray(panel().inputs["truth"]), 1, axis=0)
    before = filled(pred, 1.0)["pds_cosine"].values
    pred[0] = np.nan  # its row of the truth is what row 1 is taken for
    after = filled(pred, 1.0)["pds_cosine"].values
    assert after[1] == before[1] < 1.0


def test_what_was_answered_is_shown_beside() -> None:
    truth = np.asarray(panel().inputs["truth"])
    pred = 0.5 * truth
    pred[:30] = np.nan
    state = np.where(np.isnan(pred).any(axis=1), "abstained", "ok")
    genes = np.ones(truth.shape[1], dtype=bool)
    answers = {
        "some": Answer("some", "submission", pred, state, genes),
        "all": Answer("all", "submission", 0.5 * truth, np.full(len(pred), "ok"), genes),
    }
    scores = score_answers(panel(), answers, 0, 50)
    found = {s.metric: s for s in answered_scores(scores, list(answers), 0)}
    assert {(s.model, s.stratum) for s in found.values()} == {("some", ANSWERED)}
    n = int(panel().strata["detectable"][30:].sum())
    assert found["nmse"].n == n
    assert found["nmse"].value == pytest.approx(0.25)
    assert found["pearson_delta"].value == pytest.approx(1.0)
    assert found["magnitude_log2"].value == pytest.approx(-1.0)
    aggregates = {s.metric: s for s in scores.aggregates if (s.model, s.stratum) == ("some", "detectable")}
    assert aggregates["magnitude_log2"].value is None
    assert aggregates["pearson_delta"].value == pytest.approx(n / aggregates["pearson_delta"].n)
    assert aggregates["pearson_delta"].n_at_chance == aggregates["pearson_delta"].n - n
    # without cells there is no comparison of cells, and a reason
    assert aggregates["energy_skill"].reason == "'cells' is not known here"
