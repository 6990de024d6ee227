"""Stated split: a split as somebody describes it, without its tables, and the claim that its structure supports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vcassay.claim.applications import USES, Fit, fit_of_all
from vcassay.claim.wording import Facts, Sentence, claim_sentence, does_not_support, supports
from vcassay.core import STRENGTH, Regime
from vcassay.record.card import COMPOUND_KINDS, Modality, Numbers, StatedStratum

NUMBERS: dict[Numbers, str] = {
    "stated": "",
    "counted": "numbers counted from the published lists",
    "approximate": "numbers approximate",
    "second-hand": "numbers reported second-hand",
    "recalled": "numbers recalled, not checked",
}
"""What the sentences say of numbers that the source does not state."""


class StatedSplit(BaseModel):
    """What is new about the test conditions, as stated, and who may have seen them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    modality: Modality = ""
    """Kind of perturbation, where there is one."""
    pretraining: Literal["yes", "no", "unknown"] = "unknown"
    """Whether the model that it was made for saw cells of the test contexts in pretraining."""
    truth: Literal["public", "private", "unknown"] = "unknown"
    """Whether anybody can look at the test responses."""
    truth_since: str = ""
    """Since when: a date as text."""
    contexts_test: tuple[str, ...] = ()
    strata: tuple[StatedStratum, ...] = Field(min_length=1)

    @property
    def regime(self) -> Regime:
        """The weakest regime of its strata: what the whole test set supports."""
        return min((s.regime for s in self.strata), key=STRENGTH.index)

    def facts(self, stratum: StatedStratum) -> Facts:
        """Numbers for the sentences of a stratum."""
        return Facts(
            n_test=None,
            n_contexts_train=stratum.contexts_train,
            n_contexts_test=stratum.contexts_test,
            n_perturbations=stratum.perturbations,
            paired=stratum.paired,
            shots=stratum.shots,
            shots_share=stratum.shots_share,
            contexts=", ".join(self.contexts_test),
            kind=stratum.kind,
            n_combinations=_total([s for s in self.strata if s.regime is Regime.COMBINATION]),
            compounds=float(self.modality in COMPOUND_KINDS) if self.modality else None,
            genes=self.modality not in COMPOUND_KINDS,
            modality=self.modality,
            compared=stratum.compared,
            unit=stratum.unit,
        )

    def sentence(self) -> str:
        """The claim in one sentence, the weakest regime first, with what it rests on."""
        regimes = sorted({s.regime for s in self.strata}, key=STRENGTH.index)
        clauses = []
        for regime in regimes:
            pooled = self._pooled(regime)
            share = f" ({pooled.share:.0%} of the test conditions)" if len(regimes) > 1 else ""
            clauses.append(f"{claim_sentence(regime, self.facts(pooled))}{share}{self._exposure(pooled)}")
        numbers = NUMBERS[self._pooled(self.regime).numbers]
        text = clauses[0] if len(clauses) == 1 else f"{'; '.join(clauses[:-1])}; and {clauses[-1]}"
        return f"The model predicts {text}{f'; {numbers}' if numbers else ''}."

    def supports(self) -> list[Sentence]:
        """What a strong result would support, stratum by stratum."""
        out: list[Sentence] = []
        for stratum in self.strata:
            more = [x for x in (NUMBERS[stratum.numbers], self._exposure(stratum).strip(", ")) if x]
            if len(self.strata) > 1:
                more.insert(0, stratum.what)
            sentences = supports(stratum.regime, self.facts(stratum))
            out.extend(Sentence(s.sentence, "; ".join((s.reason, *more))) for s in sentences)
        return out

    def does_not_support(self) -> list[Sentence]:
        """What the best possible score would not support: what no stratum tests."""
        seen: dict[str, Sentence] = {}
        for regime in dict.fromkeys(s.regime for s in self.strata):
            for sentence in does_not_support(regime, self.facts(self._pooled(regime))):
                seen.setdefault(sentence.sentence, sentence)
        if self.pretraining == "yes":
            head = "A context whose perturbed cells the model has never seen."
            seen.setdefault(head, Sentence(head, "they were in its pretraining, with or without their labels"))
        return list(seen.values())

    def provisos(self) -> list[Sentence]:
        """What has to hold besides the split, and why it is not settled by it."""
        out = []
        if self.pretraining == "unknown":
            sentence = "No perturbed cells of the test conditions were in the model's pretraining."
            out.append(Sentence(sentence, "the split does not say: ask the authors of the model"))
        if self.truth == "public":
            since = f" since {self.truth_since}" if self.truth_since else ""
            sentence = "Neither the model nor its settings were chosen on the test conditions."
            out.append(Sentence(sentence, f"the truth has been public{since}: anybody could look"))
        elif self.truth == "unknown":
            sentence = "The test responses were not at hand while the model was made."
            out.append(Sentence(sentence, "whether they are public is not stated"))
        return out

    def _pooled(self, regime: Regime) -> StatedStratum:
        """The strata of one regime as one."""
        own = [s for s in self.strata if s.regime is regime]
        if len(own) == 1:
            return own[0]
        alike = ("kind", "contexts_train", "contexts_test", "paired", "shots", "shots_share", "unit", "compared")
        differ = [field for field in alike if len({getattr(s, field) for s in own}) > 1]
        update = {
            "share": min(1.0, sum(s.share for s in own)),
            "what": "; ".join(s.what for s in own),
            "perturbations": _total(own),
            "numbers": max((s.numbers for s in own), key=list(NUMBERS).index),
            **{field: StatedStratum.model_fields[field].default for field in differ},
        }
        return own[0].model_copy(update=update)

    def _exposure(self, stratum: StatedStratum) -> str:
        """What pretraining does to a claim of unseen contexts."""
        these = "this context" if stratum.contexts_test == 1 else "these contexts"
        if self.pretraining == "yes":
            return f", although pretraining held perturbed cells of {these}"
        if self.pretraining == "unknown" and stratum.regime in (Regime.CEX, Regime.AEX):
            return f", provided that pretraining held no perturbed cells of {these}"
        return ""

    def fit(self, use: str) -> Fit:
        """How far the whole test set speaks to a use (`vcassay.claim.USES`)."""
        return fit_of_all(use, [(s.regime, self.facts(s), s.share) for s in self.strata])

    def fits(self) -> dict[str, Fit]:
        """How far the whole test set speaks to each use."""
        return {use: self.fit(use) for use in USES}


def _total(strata: Sequence[StatedStratum]) -> int | None:
    """Perturbations of several strata, where all of them are counted."""
    counts = [s.perturbations for s in strata if s.perturbations is not None]
    return sum(counts) if counts and len(counts) == len(strata) else None
