"""Look-ups: the rungs of the ladder that copy what is most alike in training, for the check that asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.claim.kind import is_drug
from vcassay.core import Conditions
from vcassay.evidence.baselines import BASELINES, Rung
from vcassay.evidence.leakage.answers.lookup import Lookup

OF_DRUGS = ("structure", "target", "mechanism")
"""Look-ups that compounds alone have."""
OF_GENES = ("coexpression",)
BY_FILE = ("structure", "target", "mechanism", "features", "kinship", "descent")
"""Look-ups that another file would let run."""


def find_lookups(rungs: Sequence[Rung], wanted: Conditions) -> list[Lookup]:
    """Every look-up that could be made of perturbations like the wanted ones, with its answer or why there is none.

    One that answers for all conditions by its fallback copies nothing and has no answer here.
    """
    drugs = is_drug(wanted)
    out = []
    for rung in rungs:
        record, meta = rung.record, BASELINES[rung.record.name].meta
        by = meta["lookup"]
        if not by or (by in OF_DRUGS and not drugs.any()) or (by in OF_GENES and drugs.all()):
            continue
        idle = rung.answer is not None and record.n_fallback >= len(wanted)
        answer = rung.answer if record.legal and not idle else None
        why = f"it answers by {record.fallback}" if idle else record.why or record.fallback
        granted = "the claim does not grant" not in record.why
        lacking = rung.answer is None or idle  # else it ran, and answers as another rung does
        needs = meta["needs"] if lacking and granted and by in BY_FILE else ""
        out.append(Lookup(record.name, record.title, by, answer, why, needs))
    return out
