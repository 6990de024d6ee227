"""Effects where the target is not expressed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.evidence.biology.pathway.engagement import _ranks
from vcassay.testing.biology.expectations import CASES
from vcassay.testing.planted import assessable, of_model, plant

CASE = next(c for c in CASES if c.diagnostic == "target_engagement")


@pytest.mark.parametrize("seed", range(2))
def test_an_effect_without_a_target_is_seen(seed):
    found = CASE.present(seed)
    assert assessable(found)
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status is Status.FAIL
    assert not assessable(CASE.absent(seed))
    row = of_model(found, "has").evidence[0]
    assert set(row) == {"kind", "perturbation", "target", "with", "without", "truth", "model"}
    assert row["with"] + row["without"] <= 7


def silenced(*, present=True, knock="CRISPRi", seed=0):
    """Twenty genes knocked down in six lines, each silent in some of them."""
    rng = np.random.default_rng(seed)
    genes = [f"T{chr(65 + i)}" for i in range(20)]
    every = genes + [f"F{i}" for i in range(80)]
    rows = [(c, g) for c in "uvwxyz" for g in genes]
    table = Conditions.make([c for c, _ in rows], [g for _, g in rows], modality=[knock] * len(rows))
    off = rng.random((6, 20)) < 0.5
    control = 8 + rng.standard_normal((6, 100))
    control[:, :20] = np.where(off, 4.0, 11.0)
    line = np.searchsorted(list("uvwxyz"), table.context)
    gene = np.array([genes.index(p[0]) for p in table.parts])
    delta = rng.standard_normal((20, 100))[gene] * np.where(off[line, gene] & present, 0.1, 1.0)[:, None]
    study = plant(table, delta, np.ones(len(rows), dtype=bool), rng, genes=every, wells=4, control=control)
    return study, delta, int((off.any(axis=0) & ~off.all(axis=0)).sum())


def test_a_transcript_of_its_own_target_is_no_effect():
    study, delta, _ = silenced()
    turned = delta.copy()
    for i, parts in enumerate(study.effects.conditions.parts):
        turned[i, study.effects.genes.tolist().index(parts[0])] = 1000.0 * (1 + i)
    bench = study.bench(study.answer(delta, "plain"), study.answer(turned, "own"))
    # genes that are perturbed count here, as in a screen that keeps them among the scored ones
    plain, own = (
        _ranks(bench, replaced(arm, v), arm.known) for arm, v in zip(bench.submissions, (delta, turned), strict=True)
    )
    np.testing.assert_allclose(plain, own)


def replaced(arm, values):
    return dataclasses.replace(arm, values=values)


def test_a_knockdown_of_a_silent_gene_does_nothing():
    study, delta, both = silenced()
    some = delta.copy()
    some[::9] = np.nan
    found = study.run("target_engagement", study.answer(delta, "has"), study.answer(some, "some"))
    assert assessable(found)
    assert of_model(found, "has").status is Status.PASS
    assert of_model(found, "some").status is Status.PASS
    assert len(found[0].evidence) == both
    null, *_ = silenced(present=False)
    assert not assessable(null.run("target_engagement"))


def test_activation_is_not_asked():
    study, *_ = silenced(knock="CRISPRa")
    assert "0 have measured targets" in study.run("target_engagement")[0].sentence


def test_without_controls_nothing_tells_what_is_expressed():
    study, delta, _ = silenced()
    effects = dataclasses.replace(study.effects, control=np.full_like(study.effects.control, np.nan))
    found = dataclasses.replace(study, effects=effects).run("target_engagement", study.answer(delta))
    assert [f.status for f in found] == [Status.NA, Status.NA]
    assert "without control profiles" in found[0].sentence


def test_without_halves_it_says_that_noise_is_in_it():
    study, delta, _ = silenced()
    effects = dataclasses.replace(study.effects, size=np.full_like(study.effects.size, np.nan))
    found = dataclasses.replace(study, effects=effects).run("target_engagement", study.answer(delta))
    assert found[0].status is Status.PASS
    assert "no halves" in found[0].sentence
