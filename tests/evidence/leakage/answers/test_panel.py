"""The knocked-down genes, scored and not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.effects import measure
from vcassay.evidence.leakage.yardstick import make_yardstick
from vcassay.prediction import Prediction
from vcassay.simulate.answers import honest


def keeping(study):
    effects = measure(study.simulation.screen, train=study.split.train, keep_targets=True)
    return replace(study, effects=effects)


def test_both_scores_and_the_change_are_those_of_the_two_masks(clean):
    study = clean[0]
    wide = keeping(study)
    answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(0)))
    out, kept = study.run("L30", answer=answer), wide.run("L30", answer=answer)
    assert (out.status, kept.status) == (Status.PASS, Status.WARN)
    assert out.value == pytest.approx(kept.value, abs=0.02)
    yard = make_yardstick(study.effects, study.split, np.random.default_rng(3))
    each = yard.each(answer.values)
    both = replace(yard, mask=wide.effects.mask[study.split.test[yard.at]])
    assert out.value == pytest.approx(yard.estimate(both.each(answer.values) - each).value)
    assert f"{yard.estimate(each).value:.3f} without them" in out.sentence
    assert f"{both.estimate(both.each(answer.values)).value:.3f} with" in out.sentence


def test_a_model_that_knows_the_target_alone_gains_by_it(clean):
    study = keeping(clean[1])
    genes, wanted = study.effects.genes, study.wanted
    values = -np.array([[float(g in parts) for g in genes.tolist()] for parts in wanted.parts])
    found = study.run("L30", answer=study.answer(Prediction("switch", wanted, genes, values)))
    assert found.status is Status.WARN
    assert found.value > 0.1
    assert all(row["target"] in row["condition"] for row in found.evidence)
    own = np.array([bool(set(parts) & set(genes.tolist())) for parts in wanted.parts])
    assert np.array_equal(found.affected.touched, own)


def test_drugs_have_no_target_of_their_name(make_study, silent):
    drugs = make_study(0, n_crispri=0, n_drugs=8)
    answer = drugs.answer(honest(drugs.simulation, drugs.wanted, np.random.default_rng(0)))
    assert drugs.run("L30", answer=answer).status is Status.NA
    quiet = silent[0]
    answer = quiet.answer(honest(quiet.simulation, quiet.wanted, np.random.default_rng(0)))
    assert quiet.run("L30", answer=answer).status is Status.NA
