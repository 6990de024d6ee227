"""Effects: one row a condition, genes in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import Conditions, Panel, Shown
from vcassay.core.panel import SHOWN_ROWS, number
from vcassay.effects.moments import Moments
from vcassay.effects.strata import STRATA

if TYPE_CHECKING:
    import anndata as ad

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True, repr=False)
class Effects(Shown):
    """What each perturbation did.

    Attributes
    ----------
    conditions
        The n measured conditions.
    genes
        (g,) feature names.
    mask
        (n, g) genes that are scored for each condition.
    delta
        (n, g) effects against the reserved scoring controls: the truth.
    delta_train
        (n, g) effects against the controls left to training: what a model may learn from.
    control, control_train
        (n, g) matched control profiles of either kind.
    se
        (n, g) standard errors from split halves; NaN where halves are not measurable.
    half_mean, cross, half_a, half_b
        (n, g) from split halves (see `vcassay.arrays.profile.SplitHalves`).
    reliability, size
        (n,) split-half correlation and debiased squared effect size on the mask; NaN where not
        measurable.
    p_value, detectable
        (n,) against pseudo-perturbations drawn from controls; NaN / False where not assessed.
    assessed
        (n,) whether detectability could be assessed.
    stratum
        (n,) ``null``, ``weak``, ``medium``, ``strong`` or ``unassessed``.
    n_rows, n_control
        (n,) perturbed rows, and control rows of the condition's pool.
    matched
        (n,) share of the rows matched within batch.
    shared_control
        (n,) whether scoring and training had to share their controls.
    pool_context
        Context of each control pool.
    moments
        The sums that all of this came from.
    mask_rule
        How the scored genes were chosen, in words.
    """

    conditions: Conditions
    genes: NDArray[np.str_]
    mask: NDArray[np.bool_]
    delta: Array
    delta_train: Array
    control: Array
    control_train: Array
    se: Array
    half_mean: Array
    cross: Array
    half_a: Array
    half_b: Array
    reliability: Array
    size: Array
    p_value: Array
    detectable: NDArray[np.bool_]
    assessed: NDArray[np.bool_]
    stratum: NDArray[np.str_]
    n_rows: NDArray[np.int64]
    n_control: NDArray[np.int64]
    matched: Array
    shared_control: NDArray[np.bool_]
    pool_context: tuple[str, ...]
    moments: Moments
    mask_rule: str

    @property
    def effect(self) -> Array:
        """(n,) signed root of the debiased squared effect size: a root mean square over scored genes."""
        return np.asarray(np.sign(self.size) * np.sqrt(np.abs(self.size)))

    def panel(self) -> Panel:
        """How many effects there are, how strong and how reproducible; the strongest first."""
        strata = [f"{int((self.stratum == name).sum()):,} {name}" for name in STRATA if (self.stratum == name).any()]
        known = self.reliability[~np.isnan(self.reliability)]
        effect = self.effect
        first = np.argsort(-np.where(np.isnan(effect), -np.inf, effect), kind="stable")[:SHOWN_ROWS]
        ids = self.conditions.ids
        rows = [
            (ids[i], f"{self.n_rows[i]:,}", number(effect[i]), number(self.reliability[i]), str(self.stratum[i]))
            for i in first.tolist()
        ]
        return Panel(
            f"Effects of {len(self.conditions):,} conditions on {len(self.genes):,} features",
            facts=(
                ("scored", self.mask_rule),
                ("detectable", f"{int(self.detectable.sum()):,} of {int(self.assessed.sum()):,} assessed"),
                ("effect size", ", ".join(strata)),
                ("reliability", f"median {np.median(known):.2f} of {len(known):,} measurable" if len(known) else ""),
                (
                    "controls",
                    f"{int(self.shared_control.sum()):,} conditions share theirs with training"
                    if self.shared_control.any()
                    else "",
                ),
            ),
            columns=("strongest", "rows", "effect", "reliability", "stratum"),
            rows=rows,
            total=len(self.conditions),
        )

    def obs(self) -> pd.DataFrame:
        """One row a condition: labels, coverage, reliability, effect size and stratum."""
        frame = pd.DataFrame(self.conditions.columns())
        detectable = pd.array(self.detectable, dtype="boolean")
        detectable[~self.assessed] = pd.NA
        return frame.assign(
            n_cells=self.n_rows,
            n_control=self.n_control,
            batch_matched=self.matched,
            shared_control=self.shared_control,
            effect=self.effect,
            e2=self.size,
            p_value=self.p_value,
            detectable=detectable,
            reliability=self.reliability,
            stratum=self.stratum,
        )

    def to_anndata(self) -> ad.AnnData:
        """Effects as an AnnData that scanpy opens: X = delta, layers se, half_a, half_b."""
        import anndata as ad

        obs = self.obs().astype({"detectable": object})
        obs["detectable"] = obs["detectable"].map({True: "yes", False: "no"}).fillna("not assessed")
        obs.index = pd.Index(self.conditions.ids, dtype=object)
        adata = ad.AnnData(X=self.delta.copy(), obs=obs, var=pd.DataFrame(index=pd.Index(self.genes, dtype=object)))
        for name in ("se", "half_a", "half_b"):
            adata.layers[name] = getattr(self, name).copy()
        adata.uns["vcassay"] = {"space": "delta", "scored_genes": self.mask_rule}
        return adata
