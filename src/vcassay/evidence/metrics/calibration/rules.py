"""Rules: what must hold of a metric on fixtures, where they apply to its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from vcassay.core import Threshold
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.calibration.outcome import Outcome, advantage, goodness
from vcassay.evidence.metrics.metric import MetricFunction

MAX_P = Threshold(
    "conformance_p", 3e-5, "below it a score is no accident of some thousand fixtures and metrics: four standard errors"
)
MIN_GAIN = Threshold("conformance_gain", 0.02, "share of the range from chance to optimum that a trick may earn")
EXACT = 1e-9

Outcomes = Mapping[str, Outcome]
MetricEntry = Entry[MetricFunction]


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a metric breaks.

    Attributes
    ----------
    rule, sentence
        The rule's name, and what was found, with its numbers.
    """

    rule: str
    sentence: str


Rule = Callable[..., str]
RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a rule: it gets the metric, the outcomes, and whether the truth is free of noise."""

    def keep(function: Rule) -> Rule:
        RULES[name] = function
        return function

    return keep


def broken_rules(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> tuple[Broken, ...]:
    """Every rule that a metric breaks on fixtures (and gaming submissions) of one panel."""
    found = ((name, check(entry, outcomes, noise_free=noise_free)) for name, check in RULES.items())
    return tuple(Broken(name, sentence) for name, sentence in found if sentence)


def _family(entry: MetricEntry) -> str:
    return str(entry.meta["family"])


def _defined(outcomes: Outcomes, *names: str) -> bool:
    return all(name in outcomes and np.isfinite(outcomes[name].value) for name in names)


def _range(entry: MetricEntry) -> float:
    chance = entry.meta["chance"]
    return 1.0 if chance is None else abs(entry.meta["optimum"] - chance)


def _errors(found: Outcome, se: float) -> float:
    """What chance allows: standard errors by the t quantile of the families that they were worked out from."""
    m = len(np.unique(found.family))
    if m < 2 or not np.isfinite(se):
        return 0.0
    return float(-stdtrit(m - 1, MAX_P.value) * se)


def beats(entry: MetricEntry, better: Outcome, than: Outcome) -> float:
    """By how much one outcome beats another, beyond error and what is negligible; not above 0 where it does not."""
    gain, se = advantage(better, than, entry)
    if not np.isfinite(gain):
        return 0.0
    room = MIN_GAIN.value * _range(entry) + _errors(better, se)
    return gain if gain > room else 0.0


def beats_chance(entry: MetricEntry, found: Outcome) -> float:
    """By how much an outcome beats chance, beyond error and what is negligible; 0 where there is no chance level."""
    chance = entry.meta["chance"]
    if chance is None or not np.isfinite(found.value):
        return 0.0
    gain = float(goodness(found.value, entry) - goodness(chance, entry))
    room = MIN_GAIN.value * _range(entry) + _errors(found, found.se)
    return gain if gain > room else 0.0


@rule("perfect copy")
def perfect_copy(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """A copy of the truth has the optimum where there is no noise, and beats what knows nothing where there is."""
    found = outcomes["perfect copy"]
    if not np.isfinite(found.value):
        return ""
    if noise_free and entry.meta["family"] != "null" and abs(found.value - entry.meta["optimum"]) > EXACT:
        return f"a perfect copy scores {found.value:.6g}, not the optimum {entry.meta['optimum']:g}"
    for name in ("no change", "one answer"):
        if _family(entry) not in ("null", "diversity") and _defined(outcomes, name):
            gain = beats(entry, outcomes[name], found)
            if gain > 0:
                return f"'{name}' scores {outcomes[name].value:.3g}, better than a perfect copy ({found.value:.3g})"
    return ""


@rule("no change")
def no_change(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """No change is undefined in correlations, 1 in normalised errors, and nowhere better than chance."""
    if "no change" not in outcomes or _family(entry) in ("null", "raw"):
        return ""
    found = outcomes["no change"]
    if _family(entry) == "correlation" and entry.meta["reference"] == "control" and found.n:
        return f"no change has a correlation ({found.value:.3g}): it should be undefined"
    if beats_chance(entry, found) > 0:
        return f"no change scores {found.value:.3g}, better than chance ({entry.meta['chance']:g})"
    return ""


@rule("one answer for all")
def one_answer(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """One answer for all perturbations cannot be told from chance by what must tell perturbations apart.

    Where effects are taken from a mean of training, the mean of the scored effects is not that mean: it knows more.
    """
    beyond_means = entry.meta["reference"] in ("perturbed mean", "template")
    if _family(entry) not in ("retrieval", "interaction") and not beyond_means:
        return ""
    for name in ("training mean",) if beyond_means else ("one answer", "training mean"):
        if _defined(outcomes, name) and beats_chance(entry, outcomes[name]) > 0:
            return f"'{name}' scores {outcomes[name].value:.3g}, better than chance ({entry.meta['chance']:g})"
    return ""


@rule("shuffled labels")
def shuffled_labels(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """The right effects under wrong labels do not tell perturbations apart."""
    telling = _family(entry) in ("retrieval", "interaction") or entry.meta["reference"] == "template"
    if not telling or "shuffled labels" not in outcomes:
        return ""
    found = outcomes["shuffled labels"]
    return f"shuffled labels score {found.value:.3g}, better than chance" if beats_chance(entry, found) > 0 else ""


@rule("scale")
def scale(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """Correlations do not see scale; errors and magnitudes do; and scaling up earns nothing."""
    copy = outcomes["perfect copy"]
    for name in ("a quarter", "four times"):
        if not _defined(outcomes, name, "perfect copy"):
            continue
        found = outcomes[name]
        blind = _family(entry) == "correlation" and entry.meta["reference"] == "control"
        if blind and abs(found.value - copy.value) > 1e-6:
            return f"'{name}' the truth scores {found.value:.4g}, not {copy.value:.4g}: a correlation sees scale"
        sees = _family(entry) in ("error", "magnitude") and entry.meta["space"] == "delta"
        if sees and noise_free and not goodness(found.value, entry) < goodness(copy.value, entry):
            return f"'{name}' the truth scores {found.value:.4g}, no worse than the truth ({copy.value:.4g})"
    if _family(entry) == "retrieval" and _defined(outcomes, "noisy, four times", "noisy, as it is"):
        gain = beats(entry, outcomes["noisy, four times"], outcomes["noisy, as it is"])
        if gain > 0:
            return f"a prediction gains {gain:.3g} by being scaled up fourfold"
    return ""


@rule("noise")
def noise(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """Noise improves nothing."""
    if _family(entry) in ("null", "diversity") or not _defined(outcomes, "noisy", "perfect copy"):
        return ""
    gain = beats(entry, outcomes["noisy"], outcomes["perfect copy"])
    return f"noise on top of the truth gains {gain:.3g}" if gain > 0 else ""


@rule("measured noise")
def measured_noise(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """Where the truth is noise alone, the mean of training effects scores nothing."""
    corrected = "cross" in entry.arguments  # without an effect nothing is left to divide by
    if corrected or _family(entry) in ("raw", "null", "magnitude", "diversity") or "noise as truth" not in outcomes:
        return ""
    found = outcomes["noise as truth"]
    few = abs(float(goodness(found.value, entry))) if np.isfinite(found.value) else 0.0
    chance = entry.meta["chance"]
    if chance is None or not few:
        return ""
    gain = float(goodness(found.value, entry) - goodness(chance, entry))
    room = 0.1 * _range(entry) + _errors(found, found.se)
    return f"on noise without an effect the training mean scores {found.value:.3g}" if gain > room else ""


@rule("target genes")
def target_genes(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """Knowing the targets alone is as good as knowing nothing."""
    if "target genes" not in outcomes or _family(entry) in ("raw", "null"):
        return ""
    spike, nothing = outcomes["target genes"], outcomes["no change"]
    if spike.n and not nothing.n:
        return f"the panel's targets alone score {spike.value:.3g}, where no change is undefined"
    if np.isfinite(spike.value) and not np.isclose(spike.value, nothing.value, rtol=0, atol=1e-9):
        return f"the panel's targets alone score {spike.value:.3g} instead of {nothing.value:.3g}"
    return ""


@rule("flooding")
def flooding(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """Calling every gene, in random directions, is worth nothing."""
    if _family(entry) in ("raw", "null", "magnitude", "diversity") or not _defined(outcomes, "flood"):
        return ""
    if beats_chance(entry, outcomes["flood"]) > 0:
        return f"calling every gene in a random direction scores {outcomes['flood'].value:.3g}, better than chance"
    if _defined(outcomes, "perfect copy"):
        lead, se = advantage(outcomes["perfect copy"], outcomes["flood"], entry)
        if np.isfinite(lead) and lead <= _errors(outcomes["flood"], se) and lead < 0.5 * _range(entry):
            return f"calling every gene scores {outcomes['flood'].value:.3g}, as well as a perfect copy"
    return ""


@rule("context copy")
def context_copy(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """The same effect in another context holds nothing of what is special to this one."""
    if entry.meta["reference"] != "template" or "context copy" not in outcomes:
        return ""
    found = outcomes["context copy"]
    return f"a context copy scores {found.value:.3g}, better than chance" if beats_chance(entry, found) > 0 else ""


@rule("gaming")
def gaming(entry: MetricEntry, outcomes: Outcomes, *, noise_free: bool) -> str:
    """No gaming submission beats both the mean that it starts from and chance."""
    if _family(entry) in ("raw", "null", "magnitude", "diversity"):
        return ""
    base = outcomes.get("hack: honest mean")
    for name, found in outcomes.items():
        if not name.startswith("hack: ") or found is base or not np.isfinite(found.value):
            continue
        over_chance = beats_chance(entry, found) > 0 or entry.meta["chance"] is None
        over_base = base is None or not np.isfinite(base.value) or beats(entry, found, base) > 0
        if over_chance and over_base:
            than = "" if base is None else f" ({base.value:.3g} without it)"
            return f"the trick '{name.removeprefix('hack: ')}' scores {found.value:.3g}{than}"
    return ""
