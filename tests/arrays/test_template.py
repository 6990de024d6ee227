"""The template against an independent least squares, and the algebra of its shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.template import (
    fit_template,
    influence,
    left_out_products,
    make_design,
    part_products,
    predict_template,
)


def dummies(context, treatment):
    c, t = context.max() + 1, treatment.max() + 1
    x = np.zeros((len(context), c + t))
    x[np.arange(len(x)), context] = 1.0
    x[np.arange(len(x)), c + treatment] = 1.0
    return x


def unbalanced(rng, contexts=5, treatments=9, keep=0.5):
    """A random half of all pairs, in which every context and treatment occurs."""
    have = rng.random((contexts, treatments)) < keep
    have[np.arange(max(contexts, treatments)) % contexts, np.arange(max(contexts, treatments)) % treatments] = True
    return np.nonzero(have)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 9), st.floats(0.0, 1.0), st.booleans())
def test_fitted_values_are_those_of_dummy_variables(seed, contexts, treatments, keep, weighted):
    rng = np.random.default_rng(seed)
    c, t = unbalanced(rng, contexts, treatments, keep)
    y = rng.normal(size=(len(c), 4))
    w = rng.uniform(0.2, 3.0, len(c)) if weighted else np.ones(len(c))
    x = dummies(c, t)
    beta = np.linalg.lstsq(x * np.sqrt(w)[:, None], y * np.sqrt(w)[:, None], rcond=None)[0]
    terms = fit_template(make_design(c, t, w), y)
    np.testing.assert_allclose(predict_template(terms, c, t), x @ beta, atol=1e-10)
    np.testing.assert_allclose(terms.context.sum(axis=0), 0.0, atol=1e-10)
    np.testing.assert_allclose(terms.treatment.sum(axis=0), 0.0, atol=1e-10)


def test_balanced_terms_are_differences_of_means():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(4, 6, 3))
    c, t = np.divmod(np.arange(24), 6)
    terms = fit_template(make_design(c, t), y.reshape(24, 3))
    np.testing.assert_allclose(terms.mean, y.mean(axis=(0, 1)), atol=1e-12)
    np.testing.assert_allclose(terms.context, y.mean(axis=1) - terms.mean, atol=1e-12)
    np.testing.assert_allclose(terms.treatment, y.mean(axis=0) - terms.mean, atol=1e-12)


def test_what_is_unknown_adds_nothing():
    rng = np.random.default_rng(1)
    c, t = unbalanced(rng)
    terms = fit_template(make_design(c, t), rng.normal(size=(len(c), 7)))
    new = predict_template(terms, np.array([-1, -1, 2]), np.array([-1, 3, -1]))
    np.testing.assert_allclose(new, [terms.mean, terms.mean + terms.treatment[3], terms.mean + terms.context[2]])


def test_contexts_without_common_treatments_keep_their_own_means():
    """The difference between two contexts that share nothing is the contexts', not the treatments'."""
    y = np.random.default_rng(2).normal(size=(5, 3))
    c, t = np.array([0, 0, 1, 1, 1]), np.arange(5)
    terms = fit_template(make_design(c, t), y)
    np.testing.assert_allclose(terms.mean + terms.context[0], y[:2].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(terms.mean + terms.context[1], y[2:].mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(predict_template(terms, c, t), y, atol=1e-12)


def test_rows_are_taken_from_a_larger_matrix_and_nan_counts_as_0():
    rng = np.random.default_rng(3)
    c, t = unbalanced(rng)
    rows = rng.permutation(30)[: len(c)]
    y = rng.normal(size=(30, 600))
    y[rows[0], 5] = np.nan
    plain = np.where(np.isnan(y), 0.0, y)[rows]
    one, other = fit_template(make_design(c, t), y, rows), fit_template(make_design(c, t), plain)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("seed", range(4))
def test_leaving_a_condition_out_is_refitting_without_it(seed):
    rng = np.random.default_rng(seed)
    c, t = unbalanced(rng, keep=0.7)
    n, w = len(c), rng.uniform(0.5, 2.0, len(c))
    y, x, mask = rng.normal(size=(n, 6)), rng.normal(size=(n, 6)), rng.random((n, 6)) < 0.8
    design = make_design(c, t, w)
    found = left_out_products(design, fit_template(design, y), y, x, mask)
    compared = 0
    for i in range(n):
        rest = np.delete(np.arange(n), i)
        if c[i] not in c[rest] or t[i] not in t[rest]:
            assert np.isnan(found[i]).all()
            continue
        terms = fit_template(make_design(c[rest], t[rest], w[rest]), y[rest])
        one = np.array([i])
        np.testing.assert_allclose(found[one], part_products(terms, c[one], t[one], x, mask, one), atol=1e-9)
        compared += 1
    assert compared > 10


def test_influences_add_up_to_the_leverages():
    rng = np.random.default_rng(5)
    c, t = unbalanced(rng)
    x = dummies(c, t)
    hat = x @ np.linalg.pinv(x)
    np.testing.assert_allclose(influence(make_design(c, t)).sum(axis=1), np.diag(hat), atol=1e-10)


def test_products_are_inner_products_with_the_parts():
    rng = np.random.default_rng(6)
    c, t = unbalanced(rng)
    terms = fit_template(make_design(c, t), rng.normal(size=(len(c), 8)))
    x, mask = rng.normal(size=(len(c), 8)), rng.random((len(c), 8)) < 0.7
    unknown = np.where(np.arange(len(c)) % 3 == 0, -1, t)
    inside = np.where(mask, x, 0.0)
    b = np.where((unknown >= 0)[:, None], terms.treatment[unknown], 0.0)
    expected = [(part * inside).sum(axis=1) for part in (terms.mean, terms.context[c], b)]
    np.testing.assert_allclose(part_products(terms, c, unknown, x, mask).T, expected, atol=1e-12)


def test_empty_designs_and_codes_that_do_not_occur_are_refused():
    with pytest.raises(ValueError, match="needs conditions"):
        make_design(np.zeros(0, int), np.zeros(0, int))
    with pytest.raises(ValueError, match="must occur"):
        make_design(np.array([0, 2]), np.array([0, 1]))


def test_shares_left_out_are_those_of_the_variances_planted():
    """Each of m, a, b, e has its own share, though fitted parts hold a third of the interaction and noise."""
    shares = []
    for seed in range(20):
        rng = np.random.default_rng([11, seed])
        contexts, treatments, g = 3, 30, 200
        size = np.sqrt([0.3, 0.1, 0.35, 0.25])
        m, a, b = (rng.normal(size=s) for s in ((1, 1, g), (contexts, 1, g), (1, treatments, g)))
        e = rng.normal(size=(contexts, treatments, g))
        true = (size[0] * m + size[1] * a + size[2] * b + size[3] * e).reshape(-1, g)
        noisy = [true + rng.normal(size=true.shape) for _ in range(3)]
        c, t = np.divmod(np.arange(contexts * treatments), treatments)
        design = make_design(c, t)
        products = left_out_products(
            design, fit_template(design, noisy[0]), noisy[0], (noisy[1] + noisy[2]) / 2, np.ones(true.shape, bool)
        )
        shares.append(products.sum(axis=0) / (noisy[1] * noisy[2]).sum())
    mean, se = np.mean(shares, axis=0), np.std(shares, axis=0) / np.sqrt(20)
    # a mean over 3 contexts holds a third of the context terms; over 30 treatments a 30th of theirs
    np.testing.assert_allclose(mean, [0.3 + 0.1 / 3 + 0.35 / 30, 0.1 * 2 / 3, 0.35 * 29 / 30], atol=0.012)
    assert (se < 0.01).all()
    assert abs(1.0 - mean.sum() - 0.25) < 0.012
