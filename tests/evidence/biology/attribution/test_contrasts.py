from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.retrieval import cosine_distances
from vcassay.evidence.biology.attribution.contrasts import cosine_contrasts


def slowly(left, right, context, perturbation):
    cosine = 1 - cosine_distances(left, right)
    np.fill_diagonal(cosine, np.nan)
    c, p = context[:, None] == context, perturbation[:, None] == perturbation
    out = []
    for i, row in enumerate(cosine):
        means = [row[m & ~np.isnan(row)] for m in (c[i] & ~p[i], p[i] & ~c[i], ~c[i] & ~p[i])]
        own, other, rest = (m.mean() if len(m) else np.nan for m in means)
        out.append((own - rest, other - rest))
    return np.array(out)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5))
def test_as_one_pair_at_a_time(seed, contexts, perturbations):
    rng = np.random.default_rng(seed)
    context, perturbation = (x.ravel() for x in np.indices((contexts, perturbations)))
    keep = rng.random(len(context)) < 0.8
    if not keep.any():
        return
    context, perturbation = (np.unique(x[keep], return_inverse=True)[1] for x in (context, perturbation))
    left, right = rng.standard_normal((2, len(context), 6))
    left[0] = 0.0
    found = cosine_contrasts(left, right, context, perturbation)
    np.testing.assert_allclose(found, slowly(left, right, context, perturbation), atol=1e-10)


def test_effects_of_the_line_alone():
    context, perturbation = (x.ravel() for x in np.indices((3, 4)))
    x = np.eye(3)[context]
    np.testing.assert_allclose(cosine_contrasts(x, x, context, perturbation), np.tile([1.0, 0.0], (12, 1)), atol=1e-12)
