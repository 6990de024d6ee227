"""How large the effects of the test conditions are, by stratum."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from vcassay.record import StratumRecord
from vcassay.report.figures import effect_axis as ax
from vcassay.report.figures.figure import Figure, clean, finish
from vcassay.report.palette import LIGHT

HEIGHT = 170


def histogram_figure(tested: pd.DataFrame, strata: tuple[StratumRecord, ...]) -> Figure | None:
    """Counts of test conditions over effect size; ``None`` where no effect size is known."""
    known = tested[np.isfinite(tested["effect"].astype("float64"))]
    if known.empty:
        return None
    effects = known["effect"].to_numpy(dtype=np.float64)
    constant = ax.linear_until(strata)
    low, high = ax.domain(effects, constant)
    cuts = ax.edges(low, high, constant, ax.bounds_of(strata))
    rows = []
    height = np.zeros(len(cuts) - 1, dtype=np.int64)
    for name, part in known.groupby("stratum", observed=True):
        counts, _ = np.histogram(part["effect"], bins=cuts)
        rows += [
            {
                "left": cuts[i],
                "right": cuts[i + 1],
                "base": int(height[i]),
                "top": int(height[i] + c),
                "count": int(c),
                "stratum": str(name),
            }
            for i, c in enumerate(counts)
            if c
        ]
        height += counts
    scale, axis = ax.axis_x(low, high, constant)
    present = sorted({str(row["stratum"]) for row in rows})
    data = alt.NamedData("histogram")
    bars = (
        alt.Chart(data)
        .mark_rect(stroke=LIGHT["paper"], strokeWidth=0.8)
        .encode(
            x=alt.X("left:Q", scale=scale, axis=axis),
            x2="right:Q",
            y=alt.Y("base:Q", axis=alt.Axis(title="test conditions", tickCount=4)),
            y2="top:Q",
            fill=alt.Fill("stratum:N", scale=ax.strata_scale(present), legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("stratum:N"),
                alt.Tooltip("count:Q"),
                alt.Tooltip("left:Q", format=".3~g", title="from"),
            ],
        )
    )
    zero = (
        alt.Chart(alt.NamedData("histogram-zero")).mark_rule(stroke=LIGHT["ink-3"]).encode(x=alt.X("at:Q", scale=scale))
    )
    blind = len(tested) - len(known)
    return Figure(
        name="effect-sizes",
        title="Effect sizes of the test conditions",
        alt=f"Histogram of the effect sizes of {len(known):,} test conditions by stratum.",
        spec=finish(alt.layer(bars, zero), height=HEIGHT),
        tables={"histogram": clean(rows), "histogram-zero": [{"at": 0}]},
        caption="Linear around zero, logarithmic beyond. Left of zero, noise outweighs what was measured.",
        note=f"{blind:,} of {len(tested):,} test conditions have no effect size and are not drawn." if blind else "",
        height=HEIGHT,
    )
