"""Strata: test conditions that are new in the same way, each with a claim of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import are_genes, is_drug
from vcassay.claim.novelty import Novelty
from vcassay.claim.split import Split
from vcassay.claim.wording import Facts, claim_sentence
from vcassay.core import STRENGTH, Conditions, Regime

SHOWN = "other dose shown"
"""Kind of a few-shot condition whose perturbation is shown in the context at another dose or time."""
OTHER = ("other dose", "other time")
NOT_UNSEEN = ("analogue", "other modality", "seen in combinations")
"""Words of `Novelty.perturbation` that make a stratum of their own."""
NAMED_CONTEXTS = 4
"""Contexts that a sentence names; further ones are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Test conditions of one regime that are new in the same way.

    Attributes
    ----------
    regime
        The regime.
    kind
        What tells it from other strata of the regime: ``2 of 2 parts seen``, ``analogue``, ``sibling``; may be empty.
    word
        The role as the source wrote it, where it uses several words for what is tested.
    at
        Positions in the arrays of `Novelty`.
    facts
        The numbers in its sentences.
    """

    regime: Regime
    kind: str
    word: str
    at: NDArray[np.int64]
    facts: Facts

    @property
    def label(self) -> str:
        """What tells it from others of its regime: kind, and the source's word."""
        return ", ".join([self.kind] * bool(self.kind) + [f"labelled '{self.word}'"] * bool(self.word))

    @property
    def name(self) -> str:
        """What it is called beside others: regime, kind, and the source's word."""
        return f"{self.regime}, {self.label}" if self.label else str(self.regime)

    def clause(self) -> str:
        """The claim of this stratum, to follow 'the model predicts'."""
        return claim_sentence(self.regime, self.facts)


def find_strata(split: Split, novelty: Novelty) -> tuple[Stratum, ...]:
    """Part the test conditions, most conditions first."""
    words = np.array([split.words[i] for i in novelty.test] if split.words else [""] * len(novelty.test), dtype=str)
    if len(set(words.tolist())) < 2:
        words[:] = ""
    keys = list(zip(novelty.regime.tolist(), _kinds(novelty), words.tolist(), strict=True))
    members: dict[tuple[str, str, str], list[int]] = {}
    for i, key in enumerate(keys):
        members.setdefault(key, []).append(i)
    strata = []
    for (regime, kind, word), own in members.items():
        at = np.array(own, dtype=np.int64)
        strata.append(Stratum(Regime(regime), kind, word, at, find_facts(split, novelty, at, kind=kind)))
    return tuple(sorted(strata, key=lambda s: (-len(s.at), STRENGTH.index(s.regime), s.kind, s.word)))


def _kinds(novelty: Novelty) -> list[str]:
    """What makes a difference to the claim within a regime."""
    columns = (novelty.regime, novelty.perturbation, novelty.context, novelty.batch, novelty.inside, novelty.other_dose)
    kinds = []
    for regime, perturbation, context, batch, inside, other_dose in zip(*(c.tolist() for c in columns), strict=True):
        told: list[str] = []
        match regime:
            case Regime.RANDOM_CELLS:
                told = ["unseen batch"] if batch == "unseen" else []
            case Regime.DOSE | Regime.TIME:
                told = ["interpolation" if inside else "extrapolation"]
            case Regime.FEW_SHOT:
                told = [SHOWN] if other_dose else [perturbation] if perturbation in OTHER else []
            case Regime.CEX:
                told = ["sibling"] * (context == "sibling") + [perturbation] * (perturbation in OTHER)
            case Regime.AEX:
                told = ["sibling"] * (context == "sibling") + [perturbation] * (perturbation in NOT_UNSEEN)
            case _:
                told = [perturbation] if perturbation in NOT_UNSEEN else []
        if perturbation.endswith("parts seen") and regime not in (Regime.RANDOM_CELLS, Regime.CEX, Regime.FEW_SHOT):
            told.append(perturbation)
        kinds.append("; ".join(told))
    return kinds


def find_facts(split: Split, novelty: Novelty, at: NDArray[np.int64], *, kind: str = "") -> Facts:
    """Numbers of some test conditions.

    Parameters
    ----------
    at
        Positions in the arrays of ``novelty``.
    """
    table, train = split.conditions.take(novelty.test[at]), split.conditions.take(split.train)
    contexts = names_of(table)
    more = len(contexts) - NAMED_CONTEXTS
    some = len(at) > 0
    shots = novelty.shots[at]
    parts = set(table.parts)
    return Facts(
        n_test=len(table),
        n_contexts_train=len(names_of(train)),
        n_contexts_test=len(contexts),
        n_perturbations=len(parts),
        paired=float(novelty.elsewhere[at].mean()) if some else np.nan,
        shots=None if novelty.unlisted else float(np.median(shots)) if some else np.nan,
        shots_share=None if novelty.unlisted else float(np.median(novelty.shots_share[at])) if some else np.nan,
        contexts=""
        if contexts == ("all",)
        else ", ".join(contexts[:NAMED_CONTEXTS]) + (f" and {more} more" * (more > 0)),
        shots_range=(int(shots.min()), int(shots.max())) if some else None,
        shots_conditions=float(np.median(novelty.shots_conditions[at])) if some else None,
        shots_val=int(np.median(novelty.shots_val[at])) if some else 0,
        kind=kind,
        n_combinations=sum(len(p) > 1 for p in parts),
        compounds=float(is_drug(table).mean()) if some else None,
        genes=are_genes(table) if some else None,
        doses=len(np.unique(table.dose[np.isfinite(table.dose)])),
        modality=", ".join(sorted(set(table.modality.tolist()) - {""})),
        modality_train=", ".join(sorted(set(train.modality.tolist()) - {""})),
        compared=novelty.compared,
        compared_share=novelty.compared_share,
        many_conditions=len(table) > len(set(zip(table.context.tolist(), table.parts, strict=True))),
    )


def names_of(table: Conditions) -> tuple[str, ...]:
    """Contexts of a table, sorted."""
    return tuple(sorted(set(table.context.tolist())))
