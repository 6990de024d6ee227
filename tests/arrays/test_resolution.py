"""The smallest difference that can be shown is shown with the power that is promised."""

import numpy as np
import pytest
from scipy import stats

from vcassay.arrays.resolution import resolvable_difference


def test_one_context_is_the_closed_form():
    rng = np.random.default_rng(0)
    gap = rng.normal(0.0, 0.3, 400)
    found = resolvable_difference(gap, np.zeros(400, int), np.arange(400), 4000, np.random.default_rng(1))
    wanted = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * gap.std(ddof=1) / 20
    assert found == pytest.approx(wanted, rel=0.04)


def test_a_difference_of_that_size_is_found_in_four_of_five_draws():
    rng = np.random.default_rng(2)
    n, spread = 60, 0.2
    smallest = np.mean(
        [resolvable_difference(rng.normal(0, spread, n), np.zeros(n, int), np.arange(n), 400, rng) for _ in range(40)]
    )
    hits = [
        abs(x.mean()) > stats.norm.ppf(0.975) * x.std(ddof=1) / np.sqrt(n)
        for x in rng.normal(smallest, spread, (4000, n))
    ]
    assert np.mean(hits) == pytest.approx(0.8, abs=0.04)


def test_it_does_not_depend_on_the_mean_and_shrinks_with_the_number():
    gap = np.random.default_rng(3).normal(0, 1, 800)
    code = np.zeros(800, int)
    a, b = (resolvable_difference(g, code, np.arange(800), 500, np.random.default_rng(0)) for g in (gap, gap + 5))
    assert a == pytest.approx(b, rel=1e-9)
    few = resolvable_difference(gap[:200], code[:200], np.arange(200), 500, np.random.default_rng(0))
    assert few == pytest.approx(2 * a, rel=0.2)


@pytest.mark.parametrize(("n", "families"), [(0, 0), (1, 1), (7, 7)])
def test_too_few_to_tell(n, families):
    gap, family = np.arange(n, dtype=float), np.arange(families)
    assert np.isnan(resolvable_difference(gap, np.zeros(n, int), family, 100, np.random.default_rng(0)))
