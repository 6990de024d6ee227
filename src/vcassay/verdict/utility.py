"""Utility: the one figure that speaks to the intended use."""

from __future__ import annotations

from vcassay.record.evidence import UtilityRecord
from vcassay.verdict.evidence import Evidence


def utility(e: Evidence) -> UtilityRecord | None:
    """Pick a model's figure by its intended use, from what the record stores.

    Target identification, screening and combinations: hits among the perturbations that move most towards the user's
    signature. Selectivity: the order of contexts. Mechanism of action: agreement of pathway activities. Dose finding:
    the order of doses. Where that could not be had, or no use is stated, whether a prediction is told from the other
    perturbations, with the reason.
    """
    meant = [u for u in e.record.utilities if u.model == e.model and e.record.claim.use in u.uses]
    best = next((u for u in meant if u.value is not None), None)
    if best is not None:
        return best
    return _retrieval(e, next((u.reason for u in meant if u.reason), ""))


def _retrieval(e: Evidence, why: str) -> UtilityRecord | None:
    """Can the right perturbation be picked."""
    families = ("retrieval", "ranking")  # of a scalar readout, whom a perturbation acts on most
    skill = next((s for s in e.skills if s.family in families and s.score is not None), None)
    if skill is None or skill.score is None:
        return None
    row = next(
        (
            r
            for r in e.record.scores
            if (r.model, r.metric, r.context) == (e.model, skill.metric, None) and r.value == skill.score
        ),
        None,
    )
    sentence = (
        f"A predicted effect is nearer to its own measured perturbation than to {skill.score:.0%} of the others "
        f"(50 % by chance)."
    )
    ranked = skill.family == "ranking"
    if ranked:
        sentence = (
            f"A context that is sensitive to a perturbation is predicted below one that is not in {skill.score:.0%} of "
            f"pairs (50 % by chance)."
        )
    if why:
        sentence += f" Shown instead of a figure for {e.record.claim.use}: {why}."
    return UtilityRecord(
        name="finds the sensitive contexts" if ranked else "picks the right perturbation",
        value=skill.score,
        low=None if row is None else row.low,
        high=None if row is None else row.high,
        sentence=sentence,
        model=e.model,
        chance=0.5,
        baseline=e.title(skill.baseline) if skill.baseline else "",
        baseline_value=skill.baseline_score,
        n=0 if row is None else row.n,
        reason=why,
    )
