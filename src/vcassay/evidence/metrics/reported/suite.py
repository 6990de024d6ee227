"""What a results table as a whole needs: a ceiling, intervals, enough contexts, more than one kind of metric."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vcassay.core import Finding, Status, Threshold
from vcassay.core.finding import Titled
from vcassay.core.wording import plural
from vcassay.evidence.metrics.reported.aliases import Recognised, spelt
from vcassay.evidence.metrics.reported.judge import usable
from vcassay.record.card import Benchmark

FEWEST_CONTEXTS = Threshold(
    "review_fewest_contexts",
    5,
    "with fewer held-out contexts an interval is conditional on them (bootstrap over 3 covers 74 %, methods 7)",
)
FEWEST_SEEDS = Threshold("review_fewest_seeds", 2, "one split or seed shows no spread")
FEWEST_PERTURBATIONS = Threshold(
    "review_fewest_perturbations",
    10,
    "a mean over fewer families says little of others (proposal, as clean_min_conditions)",
)
TITLES = {
    "metrics": "No metric that measures the effect",
    "intervals": "No interval",
    "seeds": "One split or seed",
    "contexts": "Few contexts",
    "perturbations": "Few perturbations",
    "ranks": "Ranks averaged over metrics",
    "kinds": "One kind of metric",
}
"""Findings of this room that speak of the table as a whole."""

_finding = Titled(TITLES, "metrics")
CHANGES_QUESTION = "What do the model and its baselines score on changes from matched controls?"
INTERVAL_QUESTION = (
    "What are the intervals of the score, and of its difference to the best baseline, over perturbations?"
)


def has_interval(benchmark: Benchmark) -> bool:
    """Whether any spread is reported."""
    told = any(r.low is not None or r.high is not None for r in benchmark.results)
    return told or benchmark.intervals not in ("", "none")


def judge_suite(
    benchmark: Benchmark, metrics: Sequence[Recognised], contexts_test: int | None, perturbations: int | None = None
) -> Iterator[Finding]:
    """Findings of the table of one benchmark.

    Parameters
    ----------
    contexts_test
        Held-out contexts, where contexts are what is new; ``None`` otherwise.
    perturbations
        Test perturbations; ``None`` where they are not counted.
    """
    good = [m for m in metrics if usable(m)]
    if not good:
        sentence = (
            "None of the reported metrics measures the change that a perturbation makes."
            if metrics
            else "No metric is reported."
        )
        yield _finding("metrics", Status.FAIL, sentence, question=CHANGES_QUESTION)
    elif len({m.kind for m in good}) == 1:
        sentence = f"All metrics are of one kind ({good[0].kind}): what fools one of them fools all."
        yield _finding("kinds", Status.WARN, sentence)
    if any(re.search(r"(average|mean|overall) rank|rank average|ranking", spelt(m.name)) for m in metrics):
        sentence = (
            "A rank averaged over metrics hides by how much a model is better, and depends on who else is ranked."
        )
        yield _finding("ranks", Status.WARN, sentence, remedy="Report each metric's difference to the best baseline.")
    if not has_interval(benchmark):
        sentence = "No interval is reported, so nobody can tell a gain from the luck of the split."
        yield _finding("intervals", Status.WARN, sentence, question=INTERVAL_QUESTION)
    elif benchmark.intervals == "seeds":
        sentence = "Intervals are over seeds: they tell how the training varies, not how other perturbations would do."
        yield _finding("intervals", Status.WARN, sentence, question=INTERVAL_QUESTION)
    if benchmark.seeds is not None and benchmark.seeds < FEWEST_SEEDS.value:
        sentence = (
            f"{plural(benchmark.seeds, 'split or seed', 'splits or seeds')} was run: the spread over splits is open."
        )
        yield _finding("seeds", Status.WARN, sentence, value=float(benchmark.seeds), threshold=FEWEST_SEEDS.value)
    if perturbations is not None and perturbations < FEWEST_PERTURBATIONS.value:
        sentence = (
            f"{plural(perturbations, 'perturbation')} {'is' if perturbations == 1 else 'are'} tested: an average over "
            f"{'it' if perturbations == 1 else 'them'} says little of any other."
        )
        number = float(perturbations)
        yield _finding("perturbations", Status.WARN, sentence, value=number, threshold=FEWEST_PERTURBATIONS.value)
    if contexts_test is not None and contexts_test < FEWEST_CONTEXTS.value:
        sentence = (
            f"{plural(contexts_test, 'context')} held out: whatever interval is reported is conditional on "
            f"{'it' if contexts_test == 1 else 'them'}, and says little of the next context."
        )
        number = float(contexts_test)
        yield _finding("contexts", Status.WARN, sentence, value=number, threshold=FEWEST_CONTEXTS.value)
