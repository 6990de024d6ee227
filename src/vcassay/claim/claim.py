"""Claim: what a score on this benchmark and split may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vcassay.claim.applications import MATRIX, USES
from vcassay.claim.grants import granted
from vcassay.claim.novelty import Novelty, find_novelty
from vcassay.claim.scope import scope_notes
from vcassay.claim.split import Role, Split
from vcassay.claim.wording import Facts, Sentence, claim_sentence, does_not_support, supports
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.errors import did_you_mean
from vcassay.effects import Effects
from vcassay.record.base import Reasoned
from vcassay.record.claim import ApplicationRecord, ClaimRecord, NoveltyRecord


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """The claim that a split can support.

    Attributes
    ----------
    split, novelty
        What it follows from.
    regime
        The regime found; ``None`` when there is nothing to test.
    text, use
        What the study says it shows, and what for.
    declared
        The regime the authors state.
    pretraining
        ``no``, ``yes`` or ``unknown``, as the models declare.
    facts
        The numbers in its sentences.
    scope
        Limits that follow from the data.
    """

    split: Split
    novelty: Novelty
    regime: Regime | None
    text: str
    use: str
    declared: Regime | None
    pretraining: str
    facts: Facts
    scope: tuple[Sentence, ...]

    def sentence(self) -> str:
        """The claim in one sentence."""
        if self.regime is None:
            return "Nothing is claimed: there are no test conditions."
        return f"The model predicts {claim_sentence(self.regime, self.facts)}."

    def record(self) -> ClaimRecord:
        """Return the claim as it is stored."""
        split, regime = self.split, self.regime
        table, roles = split.conditions, split.roles
        return ClaimRecord(
            text=self.text,
            use=self.use,
            declared=self.declared or "",
            regime=regime or "",
            sentence=self.sentence(),
            novelty=_novelty_rows(self.novelty, self.pretraining),
            supports=_stored(supports(regime, self.facts) if regime else []),
            does_not_support=_stored(does_not_support(regime) if regime else []),
            scope=_stored(self.scope),
            applications=tuple(
                ApplicationRecord(use=use, fit=MATRIX[use][regime].fit, reason=MATRIX[use][regime].reason)
                for use in USES
                if regime
            ),
            grants=tuple(name for name, ok in granted(self.novelty).items() if ok.any()),
            n_train=int((roles == Role.TRAIN).sum()) if not split.test_shards else len(table),
            n_val=int((roles == Role.VAL).sum()),
            n_test=len(split.test),
            n_excluded=int((roles == Role.EXCLUDED).sum()),
            contexts_train=_names(table.take(split.train)),
            contexts_test=_names(table.take(split.test)),
            n_perturbations_train=len(set(table.take(split.train).parts)),
            n_perturbations_test=len(set(table.take(split.test).parts)),
            shots=self.facts.shots if regime is Regime.FEW_SHOT else None,
            shots_share=self.facts.shots_share if regime is Regime.FEW_SHOT else None,
            sha256=table.sha256(),
        )


def make_claim(
    split: Split,
    *,
    text: str = "",
    use: str = "",
    declared: Regime | None = None,
    pretraining: str = "unknown",
    effects: Effects | None = None,
) -> Claim:
    """Work out the claim that a split can support.

    Parameters
    ----------
    split
        Roles of the conditions.
    text, use, declared, pretraining
        What the study states; never used to decide what is found.
    effects
        Adds scope notes that need measurements.

    Raises
    ------
    InputError
        If ``use`` is not a known use.
    """
    if use and use not in USES:
        raise InputError(f"no use is called '{use}'", where="[claim] use", mend=did_you_mean(use, USES))
    novelty = find_novelty(split)
    table = split.conditions.take(split.test)
    train = split.conditions.take(split.train)
    contexts = _names(table)
    facts = Facts(
        n_test=len(table),
        n_contexts_train=len(_names(train)),
        n_contexts_test=len(contexts),
        n_perturbations=len(set(table.parts)),
        paired=float(novelty.elsewhere.mean()) if len(table) else np.nan,
        shots=float(np.median(novelty.shots)) if len(table) else np.nan,
        shots_share=float(np.median(novelty.shots_share)) if len(table) else np.nan,
        contexts=", ".join(contexts[:4]) + (f" and {len(contexts) - 4} more" if len(contexts) > 4 else ""),
    )
    regime = novelty.overall()
    stated = declared or split.declared
    scope = tuple(scope_notes(split, novelty, facts, effects))
    return Claim(split, novelty, regime, text, use, stated, pretraining, facts, scope)


def _names(table: Conditions) -> tuple[str, ...]:
    return tuple(sorted(set(table.context.tolist())))


def _stored(sentences: Sequence[Sentence]) -> tuple[Reasoned, ...]:
    return tuple(Reasoned(sentence=s.sentence, reason=s.reason) for s in sentences)


def _novelty_rows(novelty: Novelty, pretraining: str) -> tuple[NoveltyRecord, ...]:
    rows = []
    for regime in sorted(set(novelty.regime.tolist())):
        at = novelty.regime == regime
        shots, share = novelty.shots[at], novelty.shots_share[at]
        seen = f"seen with {np.median(shots):g} perturbations ({np.median(share):.0%})" if shots.any() else "unseen"
        rows.append(
            NoveltyRecord(
                regime=regime,
                n=int(at.sum()),
                share=float(at.mean()),
                perturbation=_mostly(novelty.perturbation[at].tolist()),
                context=seen,
                pairing=f"{novelty.elsewhere[at].mean():.0%} trained in another context",
                batch="not compared",
                pretraining=pretraining,
            )
        )
    return tuple(sorted(rows, key=lambda r: -r.n))


def _mostly(words: list[str]) -> str:
    """The words, most frequent first, with shares when there are several."""
    counts = sorted(((words.count(w), w) for w in set(words)), reverse=True)
    if len(counts) == 1:
        return counts[0][1]
    return ", ".join(f"{w} {n / len(words):.0%}" for n, w in counts)
