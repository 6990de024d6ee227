"""Which rung is legal under which split, by the matrix of legal baselines, exactly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vcassay.claim import NEVER
from vcassay.claim.grants import REGIME_GRANTS
from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, climb, make_template
from vcassay.evidence.baselines.means.no_change import NoChange

ALWAYS = {
    *("no_change", "perturbed_mean", "perturbed_mean_cells", "gene_propensity", "magnitude_only"),
    *("informed_mean", "target_scaling", "mechanism_mean", "target_mean"),
    *("gene_loading", "gene_loading_prior", "gene_loading_transfer", "response_transfer"),
    *("ridge", "kernel_ridge", "elastic_net", "pls", "random_forest", "gradient_boosting"),
    *("csendes_forest", "csendes_elastic_net", "csendes_neighbours"),
    *("coexpression_knn", "feature_knn", "nearest_compound", "trained_relatives", "target_effect"),
}
"""Read training effects, training controls and prior features alone."""
CONTEXT = {"context_mean"}
"""Read effects of the test context: an oracle where it is not trained."""
ELSEWHERE = {
    *("perturbation_mean", "general_mean", "additive"),
    *("nearest_context", "related_contexts", "context_regression"),
}
"""Read effects of the test perturbation in other contexts."""
BOTH = {"similar_responses"}
"""Read both; for one feature."""
PARTS = {"matching_mean", "additive_combination", "one_hot", "global_epistasis"}
"""Read effects of the parts of a combination."""
DOSES = {"nearest_dose", "dose_interpolation"}
"""Read other doses or times of the perturbation in the context."""
SABOTAGE = {"shuffled_perturbations", "shuffled_features", "zeroed_features", "random_features", "shuffled_contexts"}
"""Run, as no rivals, wherever ridge is legal and there is something to destroy."""
PROBES = {"cell_count_neighbour", "cell_count_magnitude", "batch_only"}
"""Read what is granted to nobody."""
GROUPS = (ALWAYS, CONTEXT, ELSEWHERE, BOTH, PARTS, DOSES, SABOTAGE, PROBES)

BY_NATURE = {
    Regime.RANDOM_CELLS: ALWAYS | SABOTAGE | CONTEXT,
    Regime.GEX: ALWAYS | SABOTAGE | CONTEXT,
    Regime.DEX: ALWAYS | SABOTAGE | CONTEXT,
    Regime.MODALITY: ALWAYS | SABOTAGE | CONTEXT,
    Regime.CEX: ALWAYS | SABOTAGE | ELSEWHERE,
    Regime.AEX: ALWAYS | SABOTAGE,
    Regime.FEW_SHOT: ALWAYS | SABOTAGE | CONTEXT | ELSEWHERE | BOTH,
    Regime.COMBINATION: ALWAYS | SABOTAGE | CONTEXT | PARTS,
    Regime.DOSE: ALWAYS | SABOTAGE | CONTEXT | DOSES,
    Regime.TIME: ALWAYS | SABOTAGE | CONTEXT | DOSES,
}
"""What each regime allows without tables to look anything up in."""


def test_every_rung_is_in_one_row_of_the_table():
    assert sorted(name for group in GROUPS for name in group) == sorted(entry.name for entry in BASELINES)
    assert {e.name for e in BASELINES if e.meta["kind"] == "probe"} == PROBES
    assert {e.name for e in BASELINES if e.meta["kind"] == "sabotage"} == SABOTAGE


@pytest.mark.parametrize("regime", list(Regime), ids=str)
def test_what_a_regime_grants_by_its_nature(regime):
    legal = {entry.name for entry in BASELINES if REGIME_GRANTS[regime].issuperset(entry.meta["reads"])}
    assert legal == BY_NATURE[regime]


DRUGS = {"n_crispri": 0, "n_drugs": 12, "doses": (1.0, 10.0, 100.0)}
PAIRS = {"n_genes": 60, "n_contexts": 1, "n_combinations": 40}
SCREENS = {
    "gex": ({"n_genes": 60}, ALWAYS | CONTEXT),
    "cex": ({"n_genes": 60}, ALWAYS | ELSEWHERE),
    "aex": ({"n_genes": 60}, ALWAYS),
    "few-shot": ({"n_genes": 60, "shots": 4}, ALWAYS | CONTEXT | ELSEWHERE),
    "combination, both parts seen": (PAIRS | {"seen": 2}, ALWAYS | CONTEXT | PARTS),
    "combination, one part seen": (PAIRS | {"seen": 1}, ALWAYS | CONTEXT | PARTS),
    "combination, no part seen": (PAIRS | {"seen": 0}, ALWAYS | CONTEXT),
    "dex": ({"n_genes": 60, **DRUGS}, ALWAYS | CONTEXT),
    "dose-extrapolation": ({"n_genes": 60, **DRUGS}, ALWAYS | CONTEXT | DOSES),
    "dose-interpolation": ({"n_genes": 60, **DRUGS}, ALWAYS | CONTEXT | DOSES),
}
"""Screens of several features, so that what is for one feature cannot answer."""


def rungs(world):
    """Each rung as it climbs, no change being fitted in its stead."""
    out = {}
    for entry in BASELINES:
        if entry.meta["kind"] == "baseline":
            out[entry.name] = climb(world.task, world.claim, replace(entry, obj=NoChange)).record
    return out


@pytest.mark.parametrize("split", list(SCREENS))
def test_exactly_the_rungs_of_the_matrix_are_legal_on_a_screen(study, split):
    settings, legal = SCREENS[split]
    found = rungs(study(split.split(",")[0], 0, **settings))
    assert {name for name, record in found.items() if record.legal} == legal
    assert all(record.legal == record.ran == (not record.why) for record in found.values())


def test_probes_run_and_are_never_legal(study):
    world = study("gex", 0, n_genes=60)
    template = make_template(world.simulation.screen, world.effects, world.split, world.task)
    for name in sorted(PROBES):
        assert set(BASELINES[name].meta["reads"]) & set(NEVER)
        assert not climb(world.task, world.claim, BASELINES[name]).record.ran
        record = climb(world.task, world.claim, BASELINES[name], template=template).record
        assert (record.ran, record.legal) == (True, False)
        assert "which no claim grants" in record.why
