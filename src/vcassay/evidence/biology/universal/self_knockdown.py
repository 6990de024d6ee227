"""Self-knockdown: a gene that is silenced falls, one that is activated rises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from vcassay.claim.kind import modality_of
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.bench import TRUTH, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.universal.expected import Expected, Moved, contrast_of, entries

NAME = "self_knockdown"
EXPRESSED = Threshold("target_expressed", 0.25, "mean log1p of counts per 10,000 in controls (proposal)")
LEAST = Threshold("self_knockdown_least", 7, "7 of 7 right have probability 1/128 at one half")
MAGNITUDE = Threshold("self_knockdown_magnitude", 0.2, "median change of targets beside the measured one (proposal)")
KNOCKOUT = ("ko", "knock-out", "cas9", "trt_xpr")
ROWS = 200
WORDS = Wording(
    quantity="share of perturbed genes that move as they are meant to, and beyond what they do under others,",
    unit="targets",
    permuted="perturbations",
    wanted="it would take more perturbations of expressed genes that are measured, or more rows of each",
    remedy="See whether a perturbation's own gene was left out of what the model was trained to predict.",
    digits=".0%",
)


@diagnostic(
    NAME,
    title="Self-knockdown",
    source="usual quality control of CRISPRi and CRISPRa screens: Replogle et al. 2022, Cell 185:2559",
)
def self_knockdown(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A gene that is silenced falls, one that is activated rises.

    A perturbation's own gene is no part of any score; it is read here alone. A target is right if it moves as meant,
    and further so than the median of all test perturbations in that context, so that a prediction that lowers every
    gene is never right. The share of right targets must be told from one half (binomial) and from that with
    perturbations permuted. Silenced genes must be expressed in controls, as far as values are those of counts.
    Knock-outs are asked only where nothing else is tested: they cut the gene, and its transcript falls in part or not
    at all. A model that moves targets far less than measured is warned of. Not assessable with fewer than seven such
    targets, or where the measured ones do not move.
    """
    if not any(bench.agents.gene[i] for i in bench.agent.tolist() if i >= 0):
        return not_assessable(NAME, "no gene is perturbed by itself among the test conditions.", bench.submissions)
    found, told = _targets(bench)
    count = len(found)  # one a perturbation and context
    if count < LEAST.value:
        why = f"{count} targets can be asked; {told}"
        return not_assessable(NAME, f"{why}. {LEAST.value:g} are needed.", bench.submissions)
    contrast, arms = contrast_of(bench, found, rng, binomial=True)
    rows = {name: _tell(bench, found, arms[TRUTH], None if name == TRUTH else own) for name, own in arms.items()}
    contrast = replace(contrast, coverage=f"{capital(told)}.", rows=rows.pop(TRUTH), model_rows=rows)
    out = []
    for f in judge(NAME, bench, contrast, WORDS):
        ratio = _ratio(found, arms[TRUTH], arms[f.model]) if f.model in arms else np.nan
        if f.status is Status.NA or not np.isfinite(ratio):
            out.append(f)
            continue
        small = f.status is Status.PASS and ratio < MAGNITUDE.value
        sentence = f"{f.sentence} The median target moves {round(ratio, 3) + 0.0:g} times as far as measured."
        out.append(replace(f, sentence=sentence, status=Status.WARN if small else f.status))
    return tuple(out)


def _targets(bench: Bench) -> tuple[Expected, str]:
    """Targets that are asked, and what was left out and why."""
    agents, effects, table = bench.agents, bench.effects, bench.table
    level = effects.control[bench.split.test]
    counted = not bool((level < 0).any())
    expressed = (level >= EXPRESSED.value) if counted else np.isfinite(level)
    tested = sorted(set(bench.agent[bench.agent >= 0].tolist()))
    genes = [i for i in tested if agents.gene[i]]
    measured = [i for i in genes if agents.gene[i] in agents.measured]
    turned = bench.direction
    clear = set(bench.agent[turned != 0].tolist())
    known = [i for i in measured if i in clear]
    cut = _knockouts(bench)
    chosen = [i for i in known if i not in cut] or known
    wanted = {i: {agents.measured[agents.gene[i]]: 1.0} for i in chosen}
    every = entries(bench, wanted, np.ones(effects.delta[bench.split.test].shape, dtype=bool))
    found = entries(bench, wanted, expressed | (turned > 0)[:, None])
    contexts = len(set(table.context.tolist()))
    words = [f"{len(every)} targets in {contexts} {'context' if contexts == 1 else 'contexts'} are measured"]
    left_out = {
        "of them are not expressed in controls": len(every) - len(found),
        "perturbed genes are not measured": len(genes) - len(measured),
        "are perturbed in a direction that is not known": len(measured) - len(known),
    }
    words += [f"{n} {why}" for why, n in left_out.items() if n]
    if not counted:
        words.append("whether they are expressed is not asked, since values are not those of counts")
    knocked = sum(i in cut for i in known)
    if knocked and chosen == known:
        words.append("all are knock-outs, whose transcript falls in part only")
    elif knocked:
        words.append(f"{knocked} knock-outs are not asked, since their transcript falls in part only")
    return found, "; ".join(words)


def _knockouts(bench: Bench) -> set[int]:
    """Agents that cut their gene."""
    kinds = modality_of(bench.table).tolist()
    own = zip(bench.agent.tolist(), kinds, strict=True)
    return {i for i, kind in own if "dcas9" not in kind and any(w in kind for w in KNOCKOUT)}


def _ratio(found: Expected, truth: Moved, model: Moved) -> float:
    """Median signed change of the targets in the model over that in the truth."""
    both = np.isfinite(model.values) & np.isfinite(truth.values)
    if not both.any():
        return np.nan
    size = float(np.median((found.sign * truth.values)[both]))
    return float(np.median((found.sign * model.values)[both]) / size) if size > 0 else np.nan


def _tell(bench: Bench, found: Expected, truth: Moved, model: Moved | None) -> list[Mapping[str, Any]]:
    contexts = sorted(set(bench.table.context.tolist()))
    level, agent = bench.effects.control[bench.split.test], bench.agent
    first = {(int(a), str(c)): i for i, (a, c) in enumerate(zip(agent, bench.table.context, strict=True))}
    rows: list[Mapping[str, Any]] = []
    for k in range(min(len(found), ROWS)):
        a, context = int(found.agent[k]), contexts[found.context[k]]
        row = {"kind": "target", "perturbation": bench.agents.names[a], "context": context}
        row |= {"expected": "up" if found.sign[k] > 0 else "down", "truth": float(truth.values[k])}
        row |= {"control": float(level[first[a, context], found.column[k]])}
        rows.append(row if model is None else row | {"model": float(model.values[k])})
    return rows
