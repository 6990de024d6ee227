"""Applications: how far each regime speaks to a use in drug discovery, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vcassay.claim.wording import Facts, agent, plural
from vcassay.core import Regime, Threshold

KIN_SHARE = Threshold("kin_share", 0.8, "below it too few perturbations were compared to say that no kin was trained")
USES = {
    "target-id": "target identification",
    "selectivity": "selectivity across contexts",
    "screening": "few-shot screening",
    "unseen-compound": "screening of unseen compounds",
    "moa": "mechanism of action",
    "combination": "combinations",
    "dose-finding": "dose finding",
}
"""Uses a study may intend, and their names in a sentence."""

FITS = ("direct", "partial", "diagnostic", "none")


class Fit(NamedTuple):
    """How far a regime speaks to a use."""

    fit: str
    reason: str


_RANDOM = Fit("none", "the scored conditions were trained on; only their cells are new")
_AEX = Fit("direct", "context and perturbation are both new, the hardest and broadest case")

MATRIX: dict[str, dict[Regime, Fit]] = {
    "target-id": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "the perturbation was seen in the same context at another dose"),
        Regime.TIME: Fit("none", "the perturbation was seen in the same context at another time"),
        Regime.MODALITY: Fit("diagnostic", "another kind of perturbation in contexts that were trained on"),
        Regime.FEW_SHOT: Fit("partial", "a new context with some perturbations already measured"),
        Regime.COMBINATION: Fit("diagnostic", "new combinations in contexts that were trained on"),
        Regime.GEX: Fit("diagnostic", "targets in deployment are new contexts, not unseen genes in known ones"),
        Regime.DEX: Fit("diagnostic", "new compounds in contexts that were trained on"),
        Regime.CEX: Fit("direct", "the question of target identification: known perturbations in a new context"),
        Regime.AEX: _AEX,
    },
    "selectivity": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "no context is new"),
        Regime.TIME: Fit("none", "no context is new"),
        Regime.MODALITY: Fit("none", "no context is new"),
        Regime.FEW_SHOT: Fit("partial", "the context is new but for the perturbations shown in it"),
        Regime.COMBINATION: Fit("none", "no context is new"),
        Regime.GEX: Fit("diagnostic", "the same few contexts in training and test"),
        Regime.DEX: Fit("diagnostic", "the same few contexts in training and test"),
        Regime.CEX: Fit(
            "direct", "whether a perturbation acts differently in a context never perturbed, if differences are scored"
        ),
        Regime.AEX: _AEX,
    },
    "screening": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("partial", "other doses of what was already measured in the context"),
        Regime.TIME: Fit("partial", "other times of what was already measured in the context"),
        Regime.MODALITY: Fit("partial", "another kind of perturbation in a context in which others were measured"),
        Regime.FEW_SHOT: Fit("direct", "some perturbations are measured in the context, the rest is predicted"),
        Regime.COMBINATION: Fit("partial", "new combinations of what was measured"),
        Regime.GEX: Fit("partial", "new genes in a context in which others were measured"),
        Regime.DEX: Fit("partial", "new compounds in a context in which others were measured"),
        Regime.CEX: Fit("direct", "stricter than few-shot screening: nothing was measured in the context"),
        Regime.AEX: _AEX,
    },
    "unseen-compound": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "every compound was seen"),
        Regime.TIME: Fit("none", "every compound was seen"),
        Regime.MODALITY: Fit("direct", "compounds from genetic evidence alone, in known contexts"),
        Regime.FEW_SHOT: Fit("none", "every compound was seen in another context"),
        Regime.COMBINATION: Fit("none", "the parts may have been seen"),
        Regime.GEX: Fit("none", "genes, not compounds"),
        Regime.DEX: Fit("direct", "compounds with no assay data, in known contexts"),
        Regime.CEX: Fit("none", "every compound was seen in another context"),
        Regime.AEX: _AEX,
    },
    "moa": {
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("none", "every mechanism was seen in the same context"),
        Regime.TIME: Fit("none", "every mechanism was seen in the same context"),
        Regime.MODALITY: Fit("direct", "whether genetic evidence carries over to what acts on the same pathway"),
        Regime.FEW_SHOT: Fit("partial", "known mechanisms in a partly known context"),
        Regime.COMBINATION: Fit("partial", "how known mechanisms add up"),
        Regime.GEX: Fit("diagnostic", "needs drugs to say anything of mechanisms of drugs"),
        Regime.DEX: Fit("partial", "unless compounds of the same mechanism are held out together"),
        Regime.CEX: Fit("partial", "known mechanisms in a new context"),
        Regime.AEX: _AEX,
    },
    "combination": {
        **dict.fromkeys(Regime, Fit("none", "no unseen combination is scored")),
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.COMBINATION: Fit("direct", "combinations that were never measured"),
    },
    "dose-finding": {
        **dict.fromkeys(Regime, Fit("diagnostic", "no dose is held out on its own")),
        Regime.RANDOM_CELLS: _RANDOM,
        Regime.DOSE: Fit("direct", "doses that were never measured"),
    },
}
"""Use x regime, with the reasons of Csendes 2026."""


def fit_of(use: str, regime: Regime, f: Facts) -> Fit:
    """How far a regime speaks to a use, given what was tested: never further than `MATRIX`.

    The matrix speaks of regimes; what is tested may be the wrong kind of perturbation for the use, or too few contexts.
    """
    fit = MATRIX[use][regime]
    if use == "unseen-compound" and f.compounds == 0:
        return Fit("none", "no compound is scored" if f.genes else "whether any compound is scored is not stated")
    if use == "dose-finding" and f.doses == 0:
        return Fit("none", "no dose is stated")
    if use == "dose-finding" and f.doses == 1 and regime is Regime.DOSE:
        return Fit("partial", "one dose is scored: nothing is said of dose response")
    if fit.fit == "none":
        if use == "combination" and regime in (Regime.CEX, Regime.AEX) and f.n_combinations:
            return _combinations(regime, f)
        return fit
    if use == "moa" and f.compounds == 0:
        return Fit("diagnostic", "needs drugs to say anything of mechanisms of drugs")
    if (
        use == "moa"
        and regime is Regime.DEX
        and f.kind != "analogue"
        and ("mechanisms of" in f.compared or f.compared == "mechanism")
        and f.compared_share >= KIN_SHARE.value
    ):
        return Fit("direct", f"compounds of which none of the same mechanism and target was trained, by {f.compared}")
    if use == "target-id" and f.compounds == 1 and fit.fit == "direct":
        return Fit("partial", f"{agent(f)}s, not genes: a target must still be read from what they act on")
    if use in ("target-id", "selectivity") and fit.fit == "direct" and f.n_contexts_train == 1:
        return Fit("partial", "one context is in training: what differs between contexts cannot have been learnt")
    if use == "selectivity" and fit.fit == "direct" and f.n_contexts_test is not None and f.n_contexts_test < 2:
        return Fit("partial", "one held-out context: selectivity compares several that were never perturbed")
    if use == "unseen-compound" and f.kind == "analogue":
        return Fit("partial", "a relative of each compound was trained")
    return fit


def fit_of_all(use: str, strata: Sequence[tuple[Regime, Facts, float]]) -> Fit:
    """How far a test set of several strata speaks to a use, read by its overall score.

    Parameters
    ----------
    strata
        Regime, numbers and share of the test conditions of each, the weakest regime first.

    Returns
    -------
    The fit that all strata share. Where they differ, the use is at most partly served, by the share that serves it.
    """
    fits = [(fit_of(use, regime, f), regime, share) for regime, f, share in strata]
    if len({fit.fit for fit, _, _ in fits}) == 1:
        return fits[0][0]
    best = min(fits, key=lambda x: FITS.index(x[0].fit))[0].fit
    if best == "diagnostic":
        return next(fit for fit, _, _ in fits if fit.fit == "diagnostic")
    served = [(fit, regime, share) for fit, regime, share in fits if fit.fit == best]
    share = sum(s for _, _, s in served)
    kinds = " and ".join(dict.fromkeys(str(regime) for _, regime, _ in served))
    return Fit("partial", f"{share:.0%} of the test conditions ({kinds}): {served[0][0].reason}")


def _combinations(regime: Regime, f: Facts) -> Fit:
    where = plural(f.n_contexts_test, "unseen context")
    if f.n_combinations != f.n_perturbations:
        return Fit(
            "partial", f"{f.n_combinations} of {f.n_perturbations} test perturbations are combinations, in {where}"
        )
    if regime is Regime.CEX:
        return Fit("partial", f"combinations that were measured elsewhere, in {where}")
    return Fit("direct", f"combinations that were never measured, in {where}")
