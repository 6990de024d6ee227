import numpy as np
import pytest

from vcassay.arrays.two_terms import common_share, fit_two, interaction_class


def test_coefficients_are_those_of_least_squares() -> None:
    ab, a, b = np.random.default_rng(0).standard_normal((3, 4, 30))
    for row, y, x, z in zip(fit_two(ab, a, b), ab, a, b, strict=True):
        design = np.stack([x, z], axis=1)
        coefficients, left, *_ = np.linalg.lstsq(design, y, rcond=None)
        assert np.allclose(row, [*coefficients, 1 - left[0] / (y @ y)])


def test_parts_alike_tell_nothing_apart() -> None:
    a = np.ones((1, 5))
    assert np.isnan(fit_two(a, a, a)[0, :2]).all()


def test_the_common_factor_is_not_made_too_small_by_noise() -> None:
    rng = np.random.default_rng(1)
    s = rng.standard_normal((50, 4000))
    halves = [tuple((0.7 * s + rng.standard_normal(s.shape), s + rng.standard_normal(s.shape)) for _ in range(2))]
    assert common_share(halves) == pytest.approx(0.7, abs=0.03)
    naive = float(np.vdot(*halves[0][0]) / np.vdot(halves[0][0][1], halves[0][0][1]))
    assert naive < 0.5


def test_without_parts_the_factor_is_that_of_a_sum() -> None:
    nothing = np.zeros((2, 3))
    assert common_share([((nothing, nothing), (nothing, nothing))]) == 1.0


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ((1.0, 1.0, 0.9), "additive"),
        ((1.5, 1.5, 0.9), "synergy"),
        ((1.0, 0.0, 0.9), "suppression"),
        ((1.0, 1.0, 0.2), "new"),
        ((np.nan, np.nan, np.nan), ""),
    ],
)
def test_classes(row: tuple[float, float, float], kind: str) -> None:
    assert interaction_class(*row) == kind
