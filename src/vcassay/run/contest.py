"""Contest: the paired comparisons of probes and sabotaged rungs, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vcassay.core import Finding
from vcassay.evidence.baselines import Rung
from vcassay.evidence.baselines.contest import model_findings, probe_findings, sabotage_findings
from vcassay.evidence.metrics import METRICS, Scores, compare, primary_metrics
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_MARGIN


def contests(
    scores: Scores, rungs: Sequence[Rung], models: Sequence[str], legal: Collection[str], margin: float | None = None
) -> list[Finding]:
    """Compare what must lose with what it must lose against, and say what does not.

    Parameters
    ----------
    models
        Submissions.
    legal
        Baselines that are rivals.
    """
    records = [rung.record for rung in rungs]
    titles = {entry.name: entry.meta["title"] for entry in METRICS}
    within = EQUIVALENCE_MARGIN.value if margin is None else margin
    ran = [r for r in records if r.ran]
    probes = [r.name for r in ran if r.kind == "probe"]
    intact = sorted({r.twin for r in ran if r.kind == "sabotage" and r.twin in legal})
    pairs = [c for twin in intact for c in compare(scores, [twin], [r.name for r in ran if r.twin == twin], {}, within)]
    rivals = [name for name in legal if name not in probes]
    against = [c for probe in probes for c in compare(scores, [probe], rivals, {}, within)]
    stratum = scores.panel.decision
    values = {
        (name, metric): scores.draws[name, metric, stratum][0]
        for metric in primary_metrics(scores.panel)
        for name in [*probes, *legal]
        if (name, metric, stratum) in scores.draws
    }
    of_models = compare(scores, list(models), probes, {}, within) if probes and models else []
    why = scores.panel.no_signal
    found = sabotage_findings(records, pairs, titles, why)
    found += probe_findings(records, against, values, titles, why)
    if probes:
        found += model_findings(records, of_models, models, titles, why)
    return found
