"""Embedding: gene sets, networks and structures as features, over all that a resource names and nothing measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

from vcassay.knowledge.features import Features

if TYPE_CHECKING:
    from vcassay.knowledge.gene_sets import GeneSets
    from vcassay.knowledge.relations import Relations
    from vcassay.knowledge.structure import Structures

Array = NDArray[np.float64]

ANNOTATION_WIDTH = 256
"""Components of annotation: Csendes et al. 2025, doi:10.1186/s12864-025-11600-2, keep 256."""
NETWORK_WIDTH = 100
"""Eigenvectors of a network; published nearest neighbours take 100 components of a network's embedding."""
DENSE = 400
"""Up to so many rows or columns every component is worked out; beyond, the leading ones by Lanczos iteration."""
NIL = 1e-10
"""A component with less than this share of the first one's variance is rounding."""


def annotation_pca(sets: GeneSets, d: int = ANNOTATION_WIDTH) -> Features:
    """Leading principal components of the membership of all the resource's genes in all its sets.

    The binary matrix is centred by set and not scaled, so that large sets weigh more, as in the recipe of Csendes et
    al. 2025. Genes and sets are ordered by name first: the order in the file does not matter.

    Returns
    -------
    Features (genes, at most ``d`` columns) of kind ``annotation``; fewer where the matrix has a lower rank, none where
    all genes are in the same sets.
    """
    genes = sets.genes
    member = sets.membership(genes).astype(np.float64)
    member = member[:, np.argsort(np.asarray(list(sets.sets), dtype=str), kind="stable")]
    member.sort_indices()  # sums over a row in one order: the same bits
    least = min(member.shape)
    if least <= max(d, DENSE):
        dense = member.toarray()
        dense -= dense.mean(axis=0)
        left, size, _ = np.linalg.svd(dense, full_matrices=False)
        scores = left * size
    else:
        from sklearn.decomposition import PCA

        model = PCA(d, svd_solver="arpack", random_state=0).fit(member)
        scores, size = model.transform(member), model.singular_values_
    keep = np.flatnonzero(size**2 > NIL * max(float(size.max(initial=0.0)) ** 2, 1e-12))[:d]
    return Features(sets.resource.name, genes, turned(scores[:, keep]), sets.resource, "annotation")


def network_embedding(relations: Relations, d: int = NETWORK_WIDTH) -> Features:
    """Diffusion coordinates of a network: leading eigenvectors of its normalised adjacency.

    An edge of the mean degree over n is added between all pairs before the adjacency is normalised. It ties components
    apart together, so that every name has a row, and keeps small components from taking a column each, as they do
    without. The first eigenvector, the degree, is left out; a column is its eigenvalue times the eigenvector over the
    root of the degree. The sign of weights is dropped.

    Returns
    -------
    Features (names, at most ``d`` columns) of kind ``network``; only eigenvalues above 0 have a column.

    Notes
    -----
    Spectral embedding: Belkin & Niyogi 2003, doi:10.1162/089976603321780317; its scale: Coifman & Lafon 2006,
    doi:10.1016/j.acha.2006.04.006; the edges added: Amini et al. 2013, doi:10.1214/13-AOS1138.
    """
    names, n = relations.names, len(relations.names)
    adjacency = abs(relations.matrix(names))
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    tau = float(degree.mean())
    root = np.sqrt(degree + tau)
    if n <= max(d + 1, DENSE):
        value, vector = np.linalg.eigh((adjacency.toarray() + tau / n) / np.outer(root, root))
    else:
        scaled = sparse.diags_array(1.0 / root) @ adjacency @ sparse.diags_array(1.0 / root)
        inverse = 1.0 / root

        def times(x: Array) -> Array:
            flat = np.ravel(x)
            return np.asarray(scaled @ flat + inverse * (tau / n * float(inverse @ flat)))

        start = np.random.default_rng(0).uniform(0.5, 1.5, n)  # ARPACK's own start is drawn anew in every process
        value, vector = eigsh(LinearOperator((n, n), matvec=times, dtype=np.float64), k=d + 1, which="LA", v0=start)
    order = np.argsort(-value)[1 : d + 1]
    order = order[value[order] > NIL]
    scores = vector[:, order] * value[order] / root[:, None] * np.sqrt(float((root**2).sum()))
    return Features(relations.resource.name, names, turned(scores), relations.resource, "network")


def fingerprints(structures: Structures, name: str = "fingerprints") -> Features | None:
    """Morgan fingerprints of the compounds whose structure is known; ``None`` without RDKit or any such compound."""
    if structures.bits is None or not structures.bits.any():
        return None
    known = np.flatnonzero(structures.bits.any(axis=1))
    ids = tuple(structures.names[i] for i in known)
    return Features(name, ids, structures.bits[known].astype(np.float64), kind="fingerprint")


def turned(scores: Array) -> Array:
    """Give every column the sign of its longer tail, or where it has none, of its first large value.

    A singular vector has no sign of its own; libraries and their versions choose differently.
    """
    if not scores.size:
        return scores
    cubes = (scores**3).sum(axis=0)
    clear = np.abs(cubes) > 1e-6 * (np.abs(scores) ** 3).sum(axis=0)
    size = np.abs(scores)
    first = np.argmax(size >= 0.5 * size.max(axis=0), axis=0)
    sign = np.where(clear, np.sign(cubes), np.sign(scores[first, np.arange(scores.shape[1])]))
    return np.asarray(scores * np.where(sign == 0, 1.0, sign))
