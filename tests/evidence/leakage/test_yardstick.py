from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.leakage.yardstick import make_yardstick


def test_score_is_the_mean_of_context_means_of_correlations(make_study):
    study = make_study(0)
    split, effects = study.split, study.effects
    stick = make_yardstick(effects, split, np.random.default_rng(0))
    values = effects.delta_train[split.test]
    each = []
    for i in stick.at:
        genes = effects.mask[split.test[i]]
        each.append(np.corrcoef(values[i, genes], effects.delta[split.test[i], genes])[0, 1])
    context = effects.conditions.context[split.test[stick.at]]
    wanted = np.mean([np.mean(np.array(each)[context == c]) for c in np.unique(context)])
    found = stick.score(values)
    assert found.value == pytest.approx(wanted, abs=1e-12)
    assert found.low < found.value < found.high


def test_only_detectable_conditions_count_and_missing_answers_are_chance(make_study):
    study = make_study(1)
    stick = make_yardstick(study.effects, study.split, np.random.default_rng(0))
    assert study.effects.detectable[study.split.test[stick.at]].all()
    assert len(stick.at) < len(study.split.test)
    values = np.full((len(study.split.test), len(study.effects.genes)), np.nan)
    np.testing.assert_array_equal(stick.each(values), 0.0)
