import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.interaction import centre, crossed, interaction
from vcassay.arrays.template import make_design


def _least_squares(context: np.ndarray, treatment: np.ndarray, values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    x = np.hstack([np.eye(context.max() + 1)[context], np.eye(treatment.max() + 1)[treatment]])
    out = np.zeros_like(values)
    for j in range(values.shape[1]):
        m = mask[:, j]
        if m.any():
            fit = x @ np.linalg.lstsq(x[m], values[m, j], rcond=None)[0]
            out[m, j] = (values[:, j] - fit)[m]
    return out


@given(st.integers(0, 10_000))
def test_residuals_are_those_of_least_squares_on_what_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    context, treatment = np.repeat(np.arange(4), 6), np.tile(np.arange(6), 4)
    values = rng.standard_normal((24, 5))
    mask = np.ones((24, 5), dtype=bool)
    mask[treatment == 2, 1] = False
    mask[context == 1, 3] = False
    mask[:, 4] = False
    found = interaction(make_design(context, treatment), values, mask)
    assert np.allclose(found, _least_squares(context, treatment, values, mask), atol=1e-7)


def test_a_sum_of_terms_leaves_nothing() -> None:
    rng = np.random.default_rng(0)
    context, treatment = np.repeat(np.arange(3), 5), np.tile(np.arange(5), 3)
    values = rng.standard_normal((3, 4))[context] + rng.standard_normal((5, 4))[treatment]
    mask = np.ones((15, 4), dtype=bool)
    mask[treatment == 0, 0] = False
    assert np.abs(interaction(make_design(context, treatment), values, mask)).max() < 1e-8


def test_means_are_taken_over_what_counts() -> None:
    values = np.array([[1.0, 2.0], [3.0, 9.0], [5.0, 5.0]])
    mask = np.array([[True, True], [True, False], [True, True]])
    assert centre(values, mask, np.array([0, 0, 1])).tolist() == [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]


def test_conditions_that_nothing_crosses_are_left_out() -> None:
    context, treatment = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 0])
    assert crossed(context, treatment).tolist() == [0, 1, 2, 3]
    assert crossed(np.array([0, 0]), np.array([0, 1])).tolist() == []
