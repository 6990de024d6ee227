"""Scalar phenotypes: planted biases and interactions, and why a correlation over all conditions misleads."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from tests.phenotypes import Grid, grid, replicates, table

from vcassay.claim import Claim, make_claim, make_split
from vcassay.effects import Effects, measure
from vcassay.evidence.metrics import METRICS, Panel, find_ceilings, make_panel, primary_metrics, score_answers
from vcassay.evidence.metrics.ceilings.perfect import better_than_perfect
from vcassay.evidence.metrics.ceilings.replicate import replicate_scores
from vcassay.prediction import Answer
from vcassay.screen import Design, Readout, Rows, make_screen

SEEDS = range(6)
RESIDUAL, ERROR, RAW, RANKING = (
    f"phenotype_{name}" for name in ("pearson_residual", "error", "error_raw", "sensitive")
)


class Study(NamedTuple):
    """A grid that was measured, and what each of its cells truly is, (t,) for the test conditions."""

    effects: Effects
    claim: Claim
    panel: Panel
    truth: np.ndarray
    bias: np.ndarray
    interaction: np.ndarray


@cache
def study(seed: int, n: int = 4, make: str = "few-shot", noise: float = 0.6, spread: float = 0.6) -> Study:
    made = grid(16, 30, spread=spread, seed=seed)
    rows = replicates(made, n, noise=noise, seed=seed) if n > 1 else table(made, made.truth)
    design = Design(perturbation="drug", context="cell_line", control=(), rows=Rows.EFFECTS, readout=Readout.SCALAR)
    screen = make_screen(rows, design)
    options = {"shots": 0.5} if make == "few-shot" else {}
    split = make_split(screen.conditions, make, fraction=0.6, seed=seed, **options)
    effects = measure(screen, train=split.train, panel=split.test)
    claim = make_claim(split, effects=effects)
    panel = make_panel(effects, claim, effects.mask)
    return Study(effects, claim, panel, *_of_test(made, effects, split.test))


def _of_test(made: Grid, effects: Effects, test: np.ndarray) -> list[np.ndarray]:
    at = effects.conditions.take(test)
    i, j = np.searchsorted(made.lines, at.context), np.searchsorted(made.drugs, at.perturbation)
    return [made.truth[i, j], made.bias[i, j], made.interaction[i, j]]


def scored(panel: Panel, draws: int = 200, **values: np.ndarray):
    genes = np.ones(1, dtype=bool)
    answers = {name: Answer(name, "submission", v[:, None], np.full(len(v), "ok"), genes) for name, v in values.items()}
    return score_answers(panel, answers, 0, draws)


def value(scores, name: str, metric: str) -> float:
    return scores.estimate(name, metric, "all").value


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_of_training_means_correlate_over_all_conditions_and_know_nothing_beyond(seed):
    """The trap: a global correlation of .9 without any knowledge of who responds to what."""
    s = study(seed)
    scores = scored(s.panel, means=s.panel.inputs["bias"])
    assert value(scores, "means", "phenotype_pearson") > 0.85
    assert value(scores, "means", "phenotype_spearman") > 0.8
    assert value(scores, "means", "phenotype_pearson_context") > 0.8
    assert value(scores, "means", RESIDUAL) == 0.0
    assert value(scores, "means", ERROR) == pytest.approx(1.0, abs=1e-12)
    assert value(scores, "means", RAW) == pytest.approx(1.0, abs=1e-12)
    row = next(a for a in scores.aggregates if (a.metric, a.stratum) == (RESIDUAL, "all"))
    assert row.n_at_chance == row.n == len(s.truth)


@pytest.mark.parametrize("seed", SEEDS)
def test_scaled_shrunken_and_constant_copies_of_the_means_are_at_chance(seed):
    s = study(seed)
    bias = s.panel.inputs["bias"]
    copies = {"twice": 2.0 * bias, "shrunken": 0.7 * bias + 0.1, "constant": np.full(len(bias), 3.0)}
    scores = scored(s.panel, **copies)
    for name in copies:
        assert value(scores, name, RESIDUAL) == 0.0
        assert value(scores, name, "phenotype_spearman_residual") == 0.0
        assert value(scores, name, ERROR) > 1.0
    assert value(scores, "constant", RANKING) == 0.5
    assert value(scores, "constant", "phenotype_hit_rate") == pytest.approx(0.0, abs=1e-12)


def test_true_means_score_little_and_a_difference_from_the_fitted_ones_would_score_more():
    """The fitted terms err; taking them off both sides correlates their error with itself."""
    partial, plain = [], []
    for seed in SEEDS:
        s = study(seed)
        bias = s.panel.inputs["bias"]
        partial.append(value(scored(s.panel, flat=0.3 * bias), "flat", RESIDUAL))
        plain.append(np.corrcoef(s.panel.inputs["truth"][:, 0] - bias, 0.3 * bias - bias)[0, 1])
    assert np.abs(partial).max() == 0.0
    assert np.mean(plain) > 0.02


@pytest.mark.parametrize("make", ["few-shot", "cex"])
def test_true_interactions_are_found_whatever_is_said_of_the_means(make):
    for seed in SEEDS:
        s = study(seed, make=make)
        rng = np.random.default_rng([seed, 9])
        guess = rng.normal(size=len(s.truth))
        scores = scored(s.panel, special=s.interaction, true=s.truth, guess=guess)
        ceiling = find_ceilings(scores)[RESIDUAL, "all"]
        assert ceiling.value == pytest.approx(0.88, abs=0.09)
        assert value(scores, "special", RESIDUAL) > 0.65  # of the fitted means it knows not where they err
        assert value(scores, "true", RESIDUAL) == pytest.approx(ceiling.value, abs=0.1)
        assert abs(value(scores, "guess", RESIDUAL)) < 0.2
        assert value(scores, "true", RANKING) > 0.85


def test_a_perfect_model_is_at_its_ceilings_on_average():
    gaps, errors, raw = [], [], []
    for seed in SEEDS:
        s = study(seed, n=8)
        scores = scored(s.panel, true=s.truth)
        ceilings = find_ceilings(scores)
        gaps.append(value(scores, "true", RESIDUAL) - ceilings[RESIDUAL, "all"].value)
        errors.append(value(scores, "true", ERROR))
        raw.append(value(scores, "true", RAW))
        assert ceilings[ERROR, "all"].value == 0.0
        assert "replicates" in ceilings[RAW, "all"].reason
        assert ceilings[RANKING, "all"].kind == "replicate at half depth"
        assert better_than_perfect(scores, ceilings, "true").status == "PASS"
    assert np.mean(gaps) == pytest.approx(0.0, abs=0.02)
    assert np.mean(errors) == pytest.approx(0.0, abs=0.02)
    assert min(raw) > 0.05  # the truth's own noise


def test_a_copy_of_the_measured_values_is_better_than_perfect():
    s = study(0, noise=1.2)
    scores = scored(s.panel, copy=s.panel.inputs["truth"][:, 0])
    assert better_than_perfect(scores, find_ceilings(scores), "copy").status == "FAIL"


def test_the_replicate_reference_is_what_a_second_measurement_scores():
    known, measured = [], []
    for seed in SEEDS:
        s = study(seed, n=8)  # one row a shard: halves are of equal depth
        again = s.truth + np.random.default_rng([seed, 7]).normal(0, 0.6 / np.sqrt(8.0), len(s.truth))
        scores = scored(s.panel, again=again)
        known.append({r.metric: r.value for r in replicate_scores(scores) if r.stratum == "all"})
        measured.append({m: value(scores, "again", m) for m in (RESIDUAL, ERROR)})
    for metric, within in ((RESIDUAL, 0.03), (ERROR, 0.03)):
        assert np.mean([k[metric] for k in known]) == pytest.approx(np.mean([m[metric] for m in measured]), abs=within)


def test_nothing_but_noise_beyond_the_means_has_no_ceiling():
    s = study(1, spread=1e-6)
    scores = scored(s.panel, means=s.bias)
    ceilings = find_ceilings(scores)
    assert "no measurable signal" in ceilings[RESIDUAL, "all"].reason
    assert "no measurable signal" in ceilings[ERROR, "all"].reason


def test_unseen_drugs_are_scored_by_who_responds_apart_from_how_potent_they_are():
    s = study(2, make="dex")
    potency = np.array([s.truth[s.panel.inputs["perturbation"] == p].mean() for p in s.panel.inputs["perturbation"]])
    scores = scored(s.panel, potency=potency, true=s.truth)
    across = "phenotype_pearson_residual_perturbation"
    assert value(scores, "potency", RESIDUAL) > 0.8  # nothing in training tells it
    assert value(scores, "potency", across) == 0.0
    assert value(scores, "true", across) > 0.8


def test_the_error_that_decides_depends_on_replicates():
    assert primary_metrics(study(0).panel) == [ERROR, RESIDUAL, RANKING]
    single = study(0, n=1).panel
    assert primary_metrics(single) == [RAW, RESIDUAL, RANKING]
    assert single.decision == "all"
    families = [METRICS[name].meta["family"] for name in primary_metrics(single)]
    assert families == ["error", "correlation", "ranking"]
    scores = scored(single, true=study(0, n=1).truth)
    assert value(scores, "true", RAW) == 0.0
    assert all(c.reason for c in find_ceilings(scores).values())


def test_metrics_of_genes_and_of_scalars_do_not_mix():
    scores = scored(study(0).panel, means=study(0).bias)
    assert {a.metric for a in scores.aggregates} == {e.name for e in METRICS if e.meta["readout"] in ("scalar", "any")}


def test_a_condition_left_out_counts_as_the_bias_model_and_at_chance():
    s = study(3)
    pred = s.truth.copy()
    pred[::2] = np.nan
    scores = scored(s.panel, half=pred, all=s.truth)
    for metric, chance in ((ERROR, 1.0), (RESIDUAL, 0.0), (RANKING, 0.5)):
        full, half = value(scores, "all", metric), value(scores, "half", metric)
        assert abs(half - chance) < abs(full - chance)
    nothing = scored(s.panel, none=np.full(len(pred), np.nan))
    assert value(nothing, "none", ERROR) == pytest.approx(1.0)
    assert value(nothing, "none", RESIDUAL) == 0.0
    assert value(nothing, "none", RANKING) == pytest.approx(0.5)


def test_the_bias_model_is_fitted_on_training_conditions_alone():
    s = study(4)
    split, effects = s.claim.split, s.effects
    blind = effects.delta_train.copy()
    blind[split.test] = np.nan
    hidden = make_panel(replace(effects, delta_train=blind), s.claim, effects.mask)
    np.testing.assert_array_equal(hidden.inputs["bias"], s.panel.inputs["bias"])
    dex = study(4, make="dex")
    codes, bias = dex.panel.inputs["context"], dex.panel.inputs["bias"]
    assert max(np.ptp(bias[codes == c]) for c in np.unique(codes)) < 1e-12  # an unseen drug is an average one
