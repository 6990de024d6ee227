"""Expected: genes that should rise or fall under a perturbation, and how often they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import sparse

from vcassay.arrays.codes import codes_of
from vcassay.arrays.group_means import group_means
from vcassay.arrays.matching import match_own
from vcassay.arrays.permutations import permute_within
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import Contrast
from vcassay.evidence.biology.tested import DRAWS, Tested, tested, truth_passes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

SAME = 1e-9
"""Share of a value below which a difference is rounding."""
OTHERS = 3
"""Perturbations of a context from which their median is what a gene does anyway."""
BLOCK = 4096
"""Entries that are worked through at a time."""
CHANGED = 2.0
"""Standard errors beyond which a gene has changed, either way."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Genes with a sign, one entry an agent, context and gene.

    Attributes
    ----------
    agent, context, column
        (m,) codes of agents and contexts, and columns of genes.
    sign
        (m,) 1 where the gene should rise, -1 where it should fall.
    """

    agent: Codes
    context: Codes
    column: Codes
    sign: Array

    def __len__(self) -> int:
        return len(self.agent)

    def among(self, others: Expected) -> Mask:
        """(m,) which entries are among others."""
        mine, theirs = (list(zip(e.agent, e.context, e.column, strict=True)) for e in (self, others))
        there = set(theirs)
        return np.asarray([entry in there for entry in mine], dtype=bool)

    def take(self, at: NDArray[Any]) -> Expected:
        """Some entries."""
        return Expected(self.agent[at], self.context[at], self.column[at], self.sign[at])


class Moved(NamedTuple):
    """What an arm does to the genes of some entries.

    Attributes
    ----------
    tested
        Share that move as expected, beside that with the perturbations permuted.
    values
        (m,) effects on the genes.
    right
        (m,) whether a gene moves as expected.
    """

    tested: Tested
    values: Array
    right: Mask


def every_value(bench: Bench, arm: Arm) -> Array:
    """(t, g) effects of an arm, also of genes that are not scored, such as a perturbation's own; NaN where unknown."""
    if arm.answer is None:
        values = bench.effects.delta[bench.split.test]
    else:
        values = np.where(arm.answer.genes, arm.answer.values, np.nan)
    return np.where(arm.known[:, None], values, np.nan)


def entries(bench: Bench, wanted: Mapping[int, Mapping[int, float]], counts: Mask) -> Expected:
    """Entries of the test conditions.

    Parameters
    ----------
    wanted
        Agent to its genes: column to the sign where the agent is activated; it turns where it is silenced.
    counts
        (t, g) genes that can be asked of a condition.
    """
    agent, context, direction = bench.agent, codes_of(bench.table.context.tolist()), bench.direction
    truth = np.isfinite(bench.effects.delta[bench.split.test])
    found: set[tuple[int, int, int, float]] = set()
    for row in np.flatnonzero(bench.truth.known & (direction != 0)).tolist():
        own, turn = wanted.get(int(agent[row]), {}), float(direction[row])
        asked = ((j, s * turn) for j, s in own.items() if counts[row, j] and truth[row, j])
        found |= {(int(agent[row]), int(context[row]), j, s) for j, s in asked}
    table = np.asarray(sorted(found), dtype=np.float64).reshape(-1, 4)
    of_agent, of_context, column = table[:, :3].astype(np.int64).T
    return Expected(of_agent, of_context, column, table[:, 3])


def changed(bench: Bench) -> Mask:
    """(t, g) scored genes that changed beyond their noise, either way; all where noise cannot be measured."""
    test = bench.split.test
    with np.errstate(invalid="ignore"):
        beyond = np.abs(bench.effects.delta[test]) > CHANGED * bench.effects.se[test]
    return np.asarray(bench.mask & (beyond | (not bench.has_halves)))


def moved(
    bench: Bench,
    values: Array,
    expected: Expected,
    rng: np.random.Generator,
    *,
    binomial: bool,
    chosen: Mask | None = None,
) -> Moved:
    """Share of genes that move as expected: in that direction, and further so than under other perturbations there.

    The median over the perturbations of a context is what a gene does anyway; a prediction that lowers everything
    alike is never right. No change at all counts half: where a perturbation does nothing, noise puts the measured gene
    on either side, and a model that knows it is not worse than noise. Perturbations are permuted: their effects are
    held against the genes of others.

    Parameters
    ----------
    values
        (t, g); NaN where unknown. Doses and times of an agent in a context are averaged.
    binomial
        Whether entries are independent: the share must then also be told from one half.
    chosen
        (t, g) genes that count under each condition, because they changed there; all if ``None``. A gene that was
        chosen for its size under its own perturbation is further from the median than under another, so that the
        genes of others, too, must be chosen by what the perturbation changed that they are held against.
    """
    items, item = np.unique(expected.agent, return_inverse=True)
    p = len(items)
    right, weight = np.zeros((p, p)), np.zeros((p, p))
    own, is_right = np.full(len(expected), np.nan), np.zeros(len(expected), dtype=bool)
    context = codes_of(bench.table.context.tolist())
    place = np.full(len(bench.agents.names) + 1, -1, dtype=np.int64)
    place[items] = np.arange(p)
    code = place[bench.agent]  # agent -1 is the last place, which is never an item
    for at in _blocks(expected):
        c = expected.context[at[0]]
        columns, which = np.unique(expected.column[at], return_inverse=True)
        rows = np.flatnonzero(context == c)
        here = values[np.ix_(rows, columns)]
        answered, asked_of = np.isfinite(here).any(axis=1), np.isfinite(here).any(axis=0)
        rows, here = rows[answered], here[answered]
        if not len(rows):
            continue
        present = np.unique(code[rows][code[rows] >= 0])
        mean = group_means(here, code[rows], p)[present]
        count = np.isfinite(mean)
        if chosen is not None:
            some = group_means(chosen[np.ix_(rows, columns)].astype(np.float64), code[rows], p)[present]
            count &= some > 0
        usual = np.zeros(len(columns))
        if len(rows) >= OTHERS:
            usual[asked_of] = np.nanmedian(here[:, asked_of], axis=0)
        sign = expected.sign[at]
        value, beyond = sign * mean[:, which], sign * (mean - usual)[:, which]
        size = np.maximum(np.abs(mean), np.abs(usual))[:, which]
        hit = (value > 0) & (beyond > SAME * size)
        asked = count[:, which]
        of = sparse.csr_matrix((np.ones(len(at)), (np.arange(len(at)), item[at])), shape=(len(at), p))
        score = np.where(hit, 1.0, np.where(value == 0, 0.5, 0.0))
        right[present] += np.asarray(np.where(asked, score, 0.0) @ of)
        weight[present] += np.asarray(asked.astype(np.float64) @ of)
        line = np.searchsorted(present, item[at])
        there = np.isin(item[at], present)
        own[at[there]] = mean[line[there], which[there]]
        is_right[at[there]] = hit[line[there], np.flatnonzero(there)]
    share, draws = match_own(right, weight, permute_within(np.zeros(p, dtype=np.int64), DRAWS, rng))
    found = tested(share, draws, int(np.trace(weight)))
    if binomial and found.n:
        chance = scipy.stats.binomtest(int(np.trace(right)), found.n, 0.5, alternative="greater").pvalue
        found = found._replace(p=max(found.p, float(chance)))
    return Moved(found, own, is_right)


def _blocks(expected: Expected) -> Iterator[Codes]:
    """Entries of one context, some thousands at a time: each is held against every perturbation there."""
    for c in np.unique(expected.context).tolist():
        at = np.flatnonzero(expected.context == c)
        yield from (at[start : start + BLOCK] for start in range(0, len(at), BLOCK))


def contrast_of(
    bench: Bench, expected: Expected, rng: np.random.Generator, *, binomial: bool, chosen: Mask | None = None
) -> tuple[Contrast, dict[str, Moved]]:
    """Ask the truth, and where it passes, models and baselines of the same entries.

    A model is asked of those that it answers, beside the truth there.
    """
    seed = int(rng.integers(2**63))

    def ask(arm: Arm, of: Expected) -> Moved:
        return moved(bench, every_value(bench, arm), of, np.random.default_rng(seed), binomial=binomial, chosen=chosen)

    if not len(expected):
        return Contrast(Tested(*(np.nan,) * 5, 0), {}), {}
    whole = ask(bench.truth, expected)
    if not truth_passes(whole.tested):
        return Contrast(whole.tested, {}), {TRUTH: whole}
    arms = {TRUTH: whole, **{a.name: ask(a, expected) for a in (*bench.submissions, *bench.baselines)}}
    truths = {}
    for arm in bench.submissions:
        there = np.isfinite(arms[arm.name].values)
        if not there.all():
            truths[arm.name] = ask(bench.truth, expected.take(there)).tested
    models: dict[str, Tested | str] = {
        a.name: arms[a.name].tested if arms[a.name].tested.n else "it predicts none of these genes"
        for a in bench.submissions
    }
    baselines = {a.name: arms[a.name].tested for a in bench.baselines}
    return Contrast(whole.tested, models, truths, baselines), arms
