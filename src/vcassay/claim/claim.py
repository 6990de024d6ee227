"""Claim: what a score on this benchmark and split may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vcassay.claim.applications import USES, fit_of_all
from vcassay.claim.batch_sides import BatchSides, find_sides
from vcassay.claim.essential import Essential
from vcassay.claim.exposure import Exposure
from vcassay.claim.grants import granted
from vcassay.claim.novelty import SHARE_COVERED, Novelty, find_novelty, is_stray
from vcassay.claim.related import Related
from vcassay.claim.scope import effect_notes, essential_notes, table_notes, target_notes
from vcassay.claim.split import Role, Split
from vcassay.claim.strata import Stratum, find_facts, find_strata, names_of
from vcassay.claim.wording import Facts, Sentence, does_not_support, supports
from vcassay.core import STRENGTH, InputError, Panel, Regime, Shown
from vcassay.core.errors import did_you_mean
from vcassay.effects import Effects
from vcassay.record.base import Reasoned
from vcassay.record.claim import ApplicationRecord, ClaimRecord, CoverageRecord, NoveltyRecord

NAMED_MISSING = 20
"""Names that a resource does not have, of which the record keeps the first."""
NAMED_KIN = 5
"""Examples of trained kin that a stratum keeps."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Claim(Shown):
    """The claim that a split can support.

    Attributes
    ----------
    split, novelty, strata
        What it follows from, and the test conditions by what is new about them.
    regime
        The regime found: the weakest that covers the share asked for; ``None`` when there is nothing to test.
    text, use
        What the study says it shows, and what for.
    declared
        The regime the authors state.
    facts
        The numbers of the conditions of the overall regime.
    scope
        Limits that follow from the data.
    covered
        Share of the test conditions that the claim must cover.
    exposure
        What is declared of pretraining and of the truth.
    related
        What perturbations and contexts were compared by; ``None`` where they were not.
    batches
        The batches of training and of test rows; ``None`` where the tables do not tell.
    """

    split: Split
    novelty: Novelty
    strata: tuple[Stratum, ...]
    regime: Regime | None
    text: str
    use: str
    declared: Regime | None
    facts: Facts
    scope: tuple[Sentence, ...]
    covered: float
    exposure: Exposure
    related: Related | None
    batches: BatchSides | None = None

    @property
    def pretraining(self) -> str:
        """``no``, ``yes`` or ``unknown``, as the models declare."""
        return self.exposure.pretraining

    @property
    def spoken(self) -> tuple[Stratum, ...]:
        """Strata that the claim speaks of, weakest first: not the strays of weaker, nor those of stronger regimes."""
        if self.regime is None:
            return ()
        floor = STRENGTH.index(self.regime)
        own = [s for s in self.strata if s.regime is self.regime]
        stronger = [s for s in self.strata if STRENGTH.index(s.regime) > floor]
        if is_stray(sum(len(s.at) for s in stronger), len(self.novelty.test), self.covered):
            stronger = []
        return tuple(sorted([*own, *stronger], key=lambda s: STRENGTH.index(s.regime)))

    def panel(self) -> Panel:
        """The claim, what it supports and what not."""
        heads = (("supports", self.supports()), ("does not support", self.does_not_support()), ("scope", self.scope))
        return Panel(
            f"Claim: {self.regime.value if self.regime else 'none'}",
            self.sentence(),
            facts=(("declared", self.declared.value if self.declared else ""), ("use", USES.get(self.use, ""))),
            columns=("", "sentence", "because"),
            rows=[(head, s.sentence, s.reason) for head, sentences in heads for s in sentences],
            whole=True,
        )

    def sentence(self) -> str:
        """The claim in one sentence; of a mixed test set stratum by stratum."""
        if self.regime is None:
            return "Nothing is claimed: there are no test conditions."
        if_so = ", if the training set is as assumed" if self.split.assumed else ""
        if len(self.spoken) == 1:
            return f"The model predicts {self.spoken[0].clause()}{if_so}."
        total = len(self.novelty.test)
        clauses = [f"{s.clause()} ({len(s.at):,} of {total:,} test conditions)" for s in self.spoken]
        return f"The model predicts {'; '.join(clauses[:-1])}; and {clauses[-1]}{if_so}."

    def supports(self) -> list[Sentence]:
        """What a strong result would support, stratum by stratum."""
        return [self._placed(s, x) for s in self.spoken for x in supports(s.regime, s.facts)]

    def does_not_support(self) -> list[Sentence]:
        """What the best possible score would not support."""
        out: dict[Sentence, list[Stratum]] = {}
        for stratum in self.spoken:
            for sentence in does_not_support(stratum.regime, stratum.facts):
                out.setdefault(sentence, []).append(stratum)
        whole = [x if len(own) == len(self.spoken) else self._placed(own[0], x) for x, own in out.items()]
        if len(self.spoken) > 1:
            kinds = "; ".join(f"{len(s.at):,} {s.name}" for s in self.spoken)
            whole.insert(
                0, Sentence("Any one of these by the overall score.", f"it averages {kinds}: score them apart")
            )
        return whole

    def _placed(self, stratum: Stratum, sentence: Sentence) -> Sentence:
        """A sentence with the test conditions that it speaks of, where there are others."""
        if len(self.spoken) == 1:
            return sentence
        of = f"For {len(stratum.at):,} of {len(self.novelty.test):,} test conditions ({stratum.name}): "
        return Sentence(of + sentence.sentence[:1].lower() + sentence.sentence[1:], sentence.reason)

    def record(self) -> ClaimRecord:
        """Return the claim as it is stored."""
        split, regime, exposure, total = self.split, self.regime, self.exposure, len(self.novelty.test)
        table, roles = split.conditions, split.roles
        return ClaimRecord(
            text=self.text,
            use=self.use,
            declared=self.declared or "",
            regime=regime or "",
            sentence=self.sentence(),
            novelty=tuple(self._stratum(s) for s in self.strata),
            supports=_stored(self.supports()),
            does_not_support=_stored(self.does_not_support()),
            scope=_stored(self.scope),
            applications=tuple(
                ApplicationRecord(use=use, fit=fit.fit, reason=fit.reason)
                for use in USES
                if regime
                for fit in (fit_of_all(use, [(s.regime, s.facts, len(s.at) / total) for s in self.spoken]),)
            ),
            grants=tuple(name for name, ok in granted(self.novelty).items() if ok.any()),
            n_train=int((roles == Role.TRAIN).sum()) if not split.test_shards else len(table),
            n_val=int((roles == Role.VAL).sum()),
            n_test=len(split.test),
            n_excluded=int((roles == Role.EXCLUDED).sum()),
            contexts_train=names_of(table.take(split.train)),
            contexts_test=names_of(table.take(split.test)),
            n_perturbations_train=len(set(table.take(split.train).parts)),
            n_perturbations_test=len(set(table.take(split.test).parts)),
            shots=self.facts.shots if regime is Regime.FEW_SHOT else None,
            shots_share=self.facts.shots_share if regime is Regime.FEW_SHOT else None,
            sha256=table.sha256(),
            covered=self.covered,
            pretraining=exposure.pretraining,
            truth=exposure.truth,
            truth_since=exposure.since.isoformat() if exposure.since else "",
            looks=exposure.looks,
            compared=self.novelty.compared,
            knowledge=_coverage(self.related),
        )

    def _stratum(self, s: Stratum) -> NoveltyRecord:
        novelty, at = self.novelty, s.at
        shots, share = novelty.shots[at], novelty.shots_share[at]
        seen = f"seen with {np.median(shots):g} perturbations ({np.median(share):.0%})"
        names = self.split.conditions.perturbation
        kin = [f"{names[novelty.test[i]]}: {novelty.kin[i]}" for i in at.tolist() if novelty.kin[i]]
        return NoveltyRecord(
            regime=s.regime,
            n=len(at),
            share=len(at) / len(novelty.test),
            perturbation=_mostly(novelty.perturbation[at].tolist()),
            context=seen if shots.any() else _mostly(novelty.context[at].tolist()),
            pairing=f"{novelty.elsewhere[at].mean():.0%} trained in another context",
            batch=_mostly(novelty.batch[at].tolist()),
            pretraining=self.pretraining,
            modality=_mostly(novelty.modality[at].tolist()),
            kind=s.kind,
            word=s.word,
            sentence=f"The model predicts {s.clause()}.",
            n_perturbations=s.facts.n_perturbations,
            n_contexts=s.facts.n_contexts_test,
            kin=tuple(dict.fromkeys(kin))[:NAMED_KIN],
        )


def make_claim(
    split: Split,
    *,
    text: str = "",
    use: str = "",
    declared: Regime | None = None,
    pretraining: str = "unknown",
    effects: Effects | None = None,
    related: Related | None = None,
    batches: Sequence[Sequence[str]] | None = None,
    cover: float | None = None,
    essential: Essential | None = None,
    exposure: Exposure | None = None,
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
    related
        Kin among perturbations and contexts (`vcassay.claim.find_related`).
    batches
        The batches of each condition's rows.
    cover
        Share of the test conditions that the claim must cover; `SHARE_COVERED` when ``None``.
    essential
        Genes whose knock-down acts strongly in any context, as the user lists them.
    exposure
        What is declared of the truth; ``pretraining`` is taken from it when it is given.

    Raises
    ------
    InputError
        If ``use`` is not a known use.
    """
    if use and use not in USES:
        raise InputError(f"no use is called '{use}'", where="[claim] use", mend=did_you_mean(use, USES))
    novelty = find_novelty(split, related, batches)
    strata = find_strata(split, novelty)
    controls = effects is None or effects.moments.slots.n_groups > 0
    strata = tuple(replace(s, facts=s.facts._replace(controls=controls)) for s in strata)
    covered = SHARE_COVERED.value if cover is None else cover
    regime = novelty.overall(covered)
    own = [s for s in strata if s.regime is regime]
    at = np.concatenate([s.at for s in own]) if own else np.arange(len(novelty.test))
    kind = own[0].kind if len(own) == 1 else ""
    facts = find_facts(split, novelty, np.sort(at), kind=kind)._replace(controls=controls)
    known = exposure or Exposure(pretraining)
    scope = [*table_notes(split, novelty, strata, regime, covered)]
    if related is not None:
        scope += target_notes(split, novelty, related)
    if essential is not None:
        scope += essential_notes(split, effects, essential.names, essential.title)
    if effects is not None and regime is not None:
        scope += effect_notes(split, effects)
    if regime is not None:
        scope += known.notes()
    stated = declared or split.declared
    return Claim(
        split, novelty, strata, regime, text, use, stated, facts, tuple(scope), covered, known, related,
        find_sides(split, batches),
    )  # fmt: skip


def _coverage(related: Related | None) -> tuple[CoverageRecord, ...]:
    """What each resource knows of the names, with its hash and day of release."""
    if related is None:
        return ()
    files = {r.name: r for r in related.resources}
    rows = []
    for matched in related.coverage:
        file = files.get(matched.resource)
        rows.append(
            CoverageRecord(
                resource=matched.resource,
                wanted=len(matched.wanted),
                found=len(matched.found),
                missing=tuple(matched.unmatched[:NAMED_MISSING]),
                released=file.released.isoformat() if file is not None and file.released else "",
                sha256=file.sha256 if file is not None else "",
            )
        )
    return tuple(rows)


def _stored(sentences: Sequence[Sentence]) -> tuple[Reasoned, ...]:
    return tuple(Reasoned(sentence=s.sentence, reason=s.reason) for s in sentences)


def _mostly(words: list[str]) -> str:
    """The words, most frequent first, with shares when there are several."""
    counts = sorted(((words.count(w), w) for w in set(words)), reverse=True)
    if len(counts) == 1:
        return counts[0][1]
    return ", ".join(f"{w} {n / len(words):.0%}" for n, w in counts)
