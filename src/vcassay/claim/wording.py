"""Wording: what a result under each regime supports and does not support, with reason and numbers."""

from __future__ import annotations

from typing import NamedTuple

from vcassay.core import Regime


class Facts(NamedTuple):
    """Numbers that the sentences carry; ``None`` where a published protocol does not state one."""

    n_test: int | None
    n_contexts_train: int | None
    n_contexts_test: int | None
    n_perturbations: int | None
    paired: float | None
    shots: float | None
    shots_share: float | None
    contexts: str


class Sentence(NamedTuple):
    """A sentence and why it holds."""

    sentence: str
    reason: str


def _plural(n: int | None, noun: str) -> str:
    if n is None:
        return f"{noun}s"
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _shots(f: Facts) -> str:
    """How much of a test context was shown, as far as it is known."""
    share = "" if f.shots_share is None else f"{f.shots_share:.0%}"
    if f.shots is None:
        return f"about {share} of its perturbations" if share else "some of its perturbations"
    return f"a median of k = {f.shots:g} perturbations" + (f" ({share})" if share else "")


def _paired(f: Facts) -> str:
    if f.paired is None:
        return "the test treatments were trained in other contexts"
    return f"{f.paired:.0%} of the test treatments were trained in other contexts"


def _named(f: Facts) -> str:
    return f" ({f.contexts})" if f.contexts else ""


def supports(regime: Regime, f: Facts) -> list[Sentence]:
    """What a strong result would support."""
    contexts = _plural(f.n_contexts_test, "context")
    perts = _plural(f.n_perturbations, "perturbation")
    trained = _plural(f.n_contexts_train, "context")
    match regime:
        case Regime.RANDOM_CELLS:
            return [
                Sentence(
                    f"The model reproduces effects it was trained on, for {perts} in {contexts}.",
                    "every scored condition has training cells: only the cells are new",
                )
            ]
        case Regime.DOSE:
            return [
                Sentence(
                    f"Interpolating or extrapolating dose for {perts} already measured in the same {contexts}.",
                    "the same perturbation was trained in the same context at another dose",
                )
            ]
        case Regime.FEW_SHOT:
            return [
                Sentence(
                    f"Few-shot screening: filling in {perts} in {contexts} where others were already measured.",
                    f"of each test context {_shots(f)} is training",
                )
            ]
        case Regime.COMBINATION:
            return [
                Sentence(
                    f"Predicting {perts} applied together that were not measured together.",
                    "the combinations are new; their parts may have been seen",
                )
            ]
        case Regime.GEX:
            return [
                Sentence(
                    f"Ranking {perts} of genes never perturbed in training, inside the same {contexts}{_named(f)}.",
                    "the genes are new, the contexts are not",
                ),
                Sentence(
                    "A diagnostic: whether the model represents genetic perturbations at all.",
                    "in deployment the context is new, not the gene",
                ),
            ]
        case Regime.DEX:
            return [
                Sentence(
                    f"Predicting {_plural(f.n_perturbations, 'compound')} with no training data, "
                    f"inside the same {contexts}{_named(f)}.",
                    "no dose of a test compound was trained in any context, by name",
                )
            ]
        case Regime.CEX:
            return [
                Sentence(
                    f"Predicting how {perts} act in {contexts}{_named(f)} of which only control cells are known.",
                    f"no perturbed condition of a test context is in training; {_paired(f)}",
                ),
                Sentence(
                    "Comparing one perturbation across contexts, including one that was never perturbed (selectivity).",
                    f"{trained} in training, {contexts} held out",
                ),
            ]
        case Regime.AEX:
            return [
                Sentence(
                    f"Predicting {perts} never seen anywhere, in {contexts} of which only control cells are known.",
                    "context and perturbation are both new",
                )
            ]


_NOT: dict[Regime, list[Sentence]] = {
    Regime.RANDOM_CELLS: [
        Sentence("Any generalisation: to new genes, compounds, doses or contexts.", "all of them were trained on"),
    ],
    Regime.DOSE: [
        Sentence("New perturbations or new contexts.", "both were trained on"),
    ],
    Regime.FEW_SHOT: [
        Sentence("A context in which nothing was measured (CEX).", "every test context has training perturbations"),
        Sentence("Perturbations never measured anywhere.", "all were trained in some context"),
    ],
    Regime.COMBINATION: [
        Sentence("New contexts.", "every test context was trained on"),
    ],
    Regime.GEX: [
        Sentence("New cell contexts, and selectivity across contexts.", "every test context was trained on"),
        Sentence("Target identification on its own.", "targets are wanted in new disease contexts"),
        Sentence("Drugs, doses and combinations, unless they are scored here.", "the split holds out genes"),
    ],
    Regime.DEX: [
        Sentence("New cell contexts.", "every test context was trained on"),
        Sentence("New chemistry or new mechanisms.", "compounds are held out by name; relatives may be in training"),
    ],
    Regime.CEX: [
        Sentence("Perturbations never measured anywhere (GEX, DEX).", "they were trained in other contexts"),
        Sentence("Contexts unlike those held out.", "only these were scored"),
    ],
    Regime.AEX: [
        Sentence("Contexts and perturbations unlike those held out.", "only these were scored"),
    ],
}


def does_not_support(regime: Regime) -> list[Sentence]:
    """What the best possible score would not support."""
    return list(_NOT[regime])


def claim_sentence(regime: Regime, f: Facts) -> str:
    """The claim in one clause that completes 'the model predicts ...'."""
    perts, contexts = _plural(f.n_perturbations, "perturbation"), _plural(f.n_contexts_test, "context")
    unseen = "an unseen context" if f.n_contexts_test == 1 else _plural(f.n_contexts_test, "unseen context")
    match regime:
        case Regime.RANDOM_CELLS:
            return f"the effects of {perts} in {contexts} that it was trained on, from other cells"
        case Regime.DOSE:
            return f"unseen doses of {perts} in {contexts} that it was trained on"
        case Regime.FEW_SHOT:
            return f"the effects of {perts} in {contexts} of which it was shown {_shots(f)}"
        case Regime.COMBINATION:
            return f"{_plural(f.n_perturbations, 'unseen combination')} in {contexts} that it was trained on"
        case Regime.GEX:
            return f"the effects of {_plural(f.n_perturbations, 'unseen gene')} in {contexts} that it was trained on"
        case Regime.DEX:
            return (
                f"the effects of {_plural(f.n_perturbations, 'unseen compound')} in {contexts} that it was trained on"
            )
        case Regime.CEX:
            return f"the effects of {perts} in {unseen}, from control cells alone"
        case Regime.AEX:
            perts = _plural(f.n_perturbations, "unseen perturbation")
            return f"the effects of {perts} in {unseen}, from control cells alone"
