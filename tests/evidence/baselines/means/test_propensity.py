"""Propensity of genes to respond."""

from __future__ import annotations

import numpy as np


def test_it_is_the_mean_size_with_the_sign_of_the_mean(make, answer):
    effects = {("A", "p"): [1.0, -3.0, 0.0, 2.0], ("A", "q"): [3.0, 1.0, 0.0, -2.0], ("B", "p"): [-1.0, -1.0, 0.0, 0.0]}
    task = make({k: np.array(v) for k, v in effects.items()}, [("C", "r")])
    np.testing.assert_allclose(answer("gene_propensity", task), [[1.5, -1.5, 0.0, 0.0]])


def test_it_ranks_genes_that_move_either_way_where_the_mean_cannot(make, answer):
    """Half of the genes move much, up or down by chance: their means are near 0, their propensity is not."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        moves = np.arange(60) % 2 == 0
        effects = {("A", f"p{i}"): np.where(moves, 1.0, 0.2) * rng.normal(size=60) for i in range(20)}
        task = make(effects, [("A", "new")])
        size = np.abs(answer("gene_propensity", task)[0])
        assert size[moves].min() > size[~moves].max()
        mean = np.abs(answer("perturbed_mean", task)[0])
        assert mean[moves].min() < mean[~moves].max()
