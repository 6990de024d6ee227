from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import repeated, series_of

from vcassay.core import Status
from vcassay.evidence.biology.dose.saturation import count_levels, count_with_noise, last_share, levels
from vcassay.testing.biology.doses import CASES
from vcassay.testing.planted import of_model

CASE = next(c for c in CASES if c.diagnostic == "dose_saturation")


@pytest.mark.parametrize(
    ("response", "want"),
    [
        ([0.0, 1.0, 2.0], 0.5),
        ([1.0, 1.9, 2.0], 0.05),
        ([1.0, 2.2, 1.8], 0.0),
        ([0.0, 0.0, 2.0], 1.0),
        ([-2.0, -1.0, -1.0], np.nan),
        ([0.0, np.nan, 1.0], np.nan),
    ],
)
def test_the_last_step_is_a_share_of_the_isotonic_response(response, want):
    assert last_share(np.array([response]), np.array([3])) == pytest.approx([want], nan_ok=True)


def test_a_series_without_a_response_does_not_level_off():
    assert levels(np.array([0.1, 0.5, np.nan])).tolist() == [1.0, 0.0, 0.0]


def noisy(shape, seed, n=400, g=100, noise=0.25):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(n, 1, g)) / np.sqrt(g)
    true = (np.asarray(shape)[None, :, None] * direction).reshape(3 * n, g)
    return true, [true + noise * rng.normal(size=true.shape) for _ in range(4)]


@pytest.mark.parametrize("shape", [(0.3, 0.95, 1.0), (0.2, 0.5, 1.0)])
@pytest.mark.parametrize("size", [1.0, 0.4])
def test_noise_of_the_truth_does_not_tell_it_from_a_perfect_model(shape, size):
    """The truth's own share is far from 0 or 1 by noise; a perfect model, also a shrunken one, is measured alike."""
    true, quarters = noisy(shape, 0)
    got = repeated(quarters, series_of(400), model=size * true)
    truth, model = count_with_noise("model", got, np.ones(400, dtype=bool))
    shares = [v[:, 1].sum() / v[:, 0].sum() for v in (truth, model)]
    assert 0.1 < shares[0] < 0.9
    assert shares[1] == pytest.approx(shares[0], abs=0.04)
    bare = count_levels(got.model("model"), got, np.ones(400, dtype=bool))
    assert abs(bare[:, 1].sum() / bare[:, 0].sum() - shares[0]) > 0.1


def test_a_model_without_a_response_is_undefined():
    true, quarters = noisy((0.2, 0.5, 1.0), 1, n=10)
    got = repeated(quarters, series_of(10), model=np.zeros_like(true))
    assert np.isnan(count_with_noise("model", got, np.ones(10, dtype=bool))[1]).all()


def test_models_are_warned_of_and_never_fail():
    found = CASE.present(1)
    assert found[0].status is of_model(found, "has").status is Status.PASS
    lacks = of_model(found, "lacks")
    assert lacks.status is Status.WARN
    assert "much less often" in lacks.sentence
    assert lacks.remedy
    assert set(lacks.evidence[0]) == {"perturbation", "context", "truth", "model"}
