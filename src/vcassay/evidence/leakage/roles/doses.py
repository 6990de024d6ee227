"""L05, L05t: another dose, or another time, of a test treatment in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import join, seen, seen_otherwise
from vcassay.claim import Claim, Role, Split
from vcassay.claim.condition_codes import ConditionCodes, code_conditions
from vcassay.claim.kind import is_drug
from vcassay.core import Conditions, Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.core.regime import NEW_PERTURBATION
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, not_comparable, too_few
from vcassay.evidence.leakage.roles.held_out import touching
from vcassay.evidence.leakage.wording import assuming

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Siblings(NamedTuple):
    """Test conditions by what else of their perturbation is trained, (t,) each.

    Attributes
    ----------
    dose
        Another dose at the same time, in the same context.
    time
        Another time in the same context: at the same dose, or where there is nothing closer, at another one.
    elsewhere
        Another dose at the same time, in other contexts only.
    stated_dose, stated_time
        Whether the own value and those of all trained kin in the context are stated.
    """

    dose: Flags
    time: Flags
    elsewhere: Flags
    stated_dose: Flags
    stated_time: Flags


def find_siblings(table: Conditions, coded: ConditionCodes, train: Codes, test: Codes) -> Siblings:
    """Look for other doses and times of each test condition's perturbation among the training conditions."""
    c = coded
    home = join(c.identity, c.context)
    stated = []
    for values, asked in ((table.dose, is_drug(table)), (table.time, np.ones(len(table), dtype=bool))):
        missing = ~np.isfinite(values) & asked
        gap = seen(home, train[missing[train]]) if missing[train].any() else np.zeros(len(table), dtype=bool)
        stated.append(np.where(missing, ~seen(home, train), ~gap)[test])
    known, timed = train[np.isfinite(table.dose[train])], train[np.isfinite(table.time[train])]
    has_dose, has_time = np.isfinite(table.dose)[test], np.isfinite(table.time)[test]
    dose = seen_otherwise(join(home, c.time), c.dose, known)[test] & has_dose
    same_dose = seen_otherwise(join(home, c.dose), c.time, timed)[test]
    any_time = seen_otherwise(home, c.time, timed)[test]
    time = has_time & (same_dose | (any_time & ~dose))
    anywhere = seen_otherwise(join(c.identity, c.time), c.dose, known)[test] & has_dose
    return Siblings(dose, time, anywhere & ~dose, *stated)


def taught(split: Split) -> Codes:
    """Positions of what a model is trained on, validation aside: a condition may be tested and validated on."""
    train = split.roles == Role.TRAIN.value
    own = {name for name, role, _ in split.conflicts if role == Role.TRAIN.value}
    named = {name for name, *_ in split.conflicts}
    both = split.both_sides
    train[both] = [name in own or name not in named for name in split.conditions.take(both).ids]
    return np.flatnonzero(train)


def unnamed_doses(split: Split, coded: ConditionCodes) -> Flags:
    """(t,) whether the list leaves a dose unnamed that it has for other perturbations of that context.

    For lists that name what is held out of a context whose rest is training: an unnamed dose was trained on, if it was
    measured.
    """
    table, test = split.conditions, split.test
    open_context = np.isin(table.context[test], sorted(split.meta.get("unlisted") or ()))
    pair = join(coded.context, coded.time, coded.dose)
    place = join(coded.context, coded.time)
    doses = _distinct(place, pair)[test]
    own = _distinct(join(place, coded.identity), join(pair, coded.identity))[test]
    return np.asarray(open_context & np.isfinite(table.dose[test]) & (own < doses))


def _distinct(group: Codes, value: Codes) -> Codes:
    """(n,) different values in each row's group; values are nested in groups."""
    _, at = np.unique(value, return_index=True)
    return np.bincount(group[at], minlength=int(group.max(initial=-1)) + 1)[group]


@check("L05", title="Other doses in training", source="STATE's few-shot list on Tahoe-100M: 69 drugs")
def dose_siblings(split: Split, claim: Claim) -> Finding:
    """No test perturbation is trained at another dose in the same context.

    Compared by parts, modality and time; validation counts as training, and is told apart. FAIL where the perturbation
    is declared or found to be unseen (GEX, DEX, AEX, combination, cross-modality); PASS with its value where other
    doses, or less, are what is claimed; else WARN. Training in other contexts is counted and no alarm. UNKNOWN where
    nobody lists the training set (doses that the list leaves unnamed are counted), or where compounds have no dose; NA
    without doses.
    """
    if (stop := _nothing_to_compare("L05", split, "dose")) is not None:
        return stop
    coded = code_conditions(split.conditions)
    found = find_siblings(split.conditions, coded, split.train, split.test)
    trained = find_siblings(split.conditions, coded, taught(split), split.test).dose
    touched = found.dose
    unnamed = unnamed_doses(split, coded) & ~touched if split.assumed else np.zeros(len(touched), dtype=bool)
    names = coded.identity[split.test]
    only = np.setdiff1d(names[found.elsewhere], names[touched])
    noun = "drug" if is_drug(split.conditions)[split.test].all() else "perturbation"
    more = f"; of {plural(len(only), noun)} another dose is trained in other contexts only" if len(only) else ""
    if unnamed.any():
        n = len(np.unique(names[unnamed]))
        more += (
            f"; of {plural(n, noun)} ({plural(int(unnamed.sum()), 'test condition')}) the list leaves a dose of the "
            "same context unnamed, which was trained on if it was measured"
        )
    return _judge("L05", split, claim, coded, touched, trained, found.stated_dose, (noun, "dose"), more, unnamed)


@check("L05t", title="Other times in training", source="as L05: the same treatment, measured earlier or later")
def time_siblings(split: Split, claim: Claim) -> Finding:
    """No test treatment is trained in the same context at another time.

    At the same dose; at another dose too, where the perturbation is trained at no other dose of the same time (which
    is L05). Statuses as in L05; PASS with its value where other times, or less, are what is claimed. NA without times.
    """
    if (stop := _nothing_to_compare("L05t", split, "time")) is not None:
        return stop
    coded = code_conditions(split.conditions)
    found = find_siblings(split.conditions, coded, split.train, split.test)
    trained = find_siblings(split.conditions, coded, taught(split), split.test).time
    nothing = np.zeros(len(split.test), dtype=bool)
    noun = "drug" if is_drug(split.conditions)[split.test].all() else "perturbation"
    return _judge(
        "L05t", split, claim, coded, found.time, trained & found.time, found.stated_time, (noun, "time"), "", nothing
    )


def _nothing_to_compare(name: str, split: Split, what: str) -> Finding | None:
    if (stop := not_comparable(name, split)) is not None:
        return stop
    values = split.conditions.dose if what == "dose" else split.conditions.time
    if np.isfinite(values[split.test]).any():
        return None
    drugs = int(is_drug(split.conditions)[split.test].sum())
    if what == "dose" and drugs:
        have = "has" if drugs == 1 else "have"
        sentence = f"{plural(drugs, 'test condition')} of compounds {have} no dose, so that doses cannot be compared."
        return finding(name, Status.UNKNOWN, sentence, question="At which dose was each compound measured?")
    return finding(name, Status.NA, f"No test condition has a {what}.")


def _judge(
    name: str,
    split: Split,
    claim: Claim,
    coded: ConditionCodes,
    touched: Flags,
    trained: Flags,
    stated: Flags,
    nouns: tuple[str, str],
    more: str,
    unnamed: Flags,
) -> Finding:
    noun, axis = nouns
    t, n = len(split.test), int(touched.sum())
    names = coded.identity[split.test]
    stated = stated | touched
    unstated = f"; {plural(int((~stated).sum()), 'test condition')} without a stated {axis} not compared"
    more += unstated if (~stated).any() else ""
    rows = _rows(split, coded, trained if trained.any() else touched, axis, noun)
    share = n / t
    numbers: dict[str, Any] = {"value": share, "null": 0.0}
    what = f"whose {noun} is trained at another {axis} in the same context"
    numbers["affected"] = touching(what, touched, stated)
    values = split.conditions.dose if axis == "dose" else split.conditions.time
    has = int(np.isfinite(values[split.test]).sum())
    measured = (
        _measured(names, touched, trained, rows, nouns) + more
        if n
        else f"none of {plural(has, 'test condition')} with a {axis} is trained at another one in its context{more}"
    )
    if split.assumed:
        numbers["affected"] = touching(what + " if the training set is as assumed", touched | unnamed, stated)
        numbers["value"] = float((touched | unnamed).mean())
        rows = _rows(split, coded, touched | unnamed, axis, noun)
        sentence = assuming(split, measured)
        return finding(name, Status.UNKNOWN, sentence, evidence=rows, question=TRAINING_QUESTION, **numbers)
    known = [{"not compared": i} for i in split.conditions.take(split.test[~stated][:EVIDENCE_ROWS]).ids]
    if not n:
        if too_few(has - int((~stated).sum()), has):
            question = f"At which {axis} was each condition trained and tested?"
            sentence = f"Too few {axis}s are stated: {measured}."
            return finding(name, Status.UNKNOWN, sentence, evidence=known, question=question, **numbers)
        sentence = f"{capital(measured)}."
        return finding(name, Status.PASS, sentence, evidence=known, threshold=0.0, **numbers)
    claimed = claim.declared or claim.regime
    own = (Regime.DOSE, Regime.RANDOM_CELLS) if axis == "dose" else (Regime.TIME, Regime.RANDOM_CELLS)
    if claimed in own:
        said = f"{claimed} is {'declared' if claim.declared else 'found'}, which claims no more"
        return finding(name, Status.PASS, f"{said}: {measured}.", evidence=rows, **numbers)
    unseen = next((r for r in (claim.declared, claim.regime) if r in NEW_PERTURBATION), None)
    remedy = f"Move all {axis}s of a {noun} to the same side, or claim unseen {axis}s for these conditions."
    numbers["threshold"] = 0.0
    if unseen is not None:
        how = "declared" if unseen is claim.declared else "found"
        sentence = f"{unseen} is {how}, but {measured}."
        return finding(name, Status.FAIL, sentence, evidence=rows, remedy=remedy, **numbers)
    sentence = f"{capital(measured)}."
    return finding(name, Status.WARN, sentence, evidence=rows, remedy=remedy, **numbers)


def _measured(
    names: Codes, touched: Flags, trained: Flags, rows: Sequence[Mapping[str, Any]], nouns: tuple[str, str]
) -> str:
    """How many perturbations and conditions have kin in training, and how many more in validation."""
    noun, axis = nouns
    n, t = int(touched.sum()), len(touched)
    first_of = trained if trained.any() else touched
    k, m = len(np.unique(names[first_of])), int(first_of.sum())
    how = "trained" if trained.any() else "shown for validation"
    text = (
        f"{k} of {plural(len(np.unique(names)), noun)}, in {m:,} of {t:,} test conditions ({m / t:.0%}), "
        f"{'is' if k == 1 else 'are'} {how} at another {axis} in the same context ({_doses(rows, axis)})"
    )
    rest = len(np.setdiff1d(names[touched], names[first_of]))
    return text + (f", and {rest} more ({plural(n - m, 'test condition')}) shown for validation" if m < n else "")


def _rows(split: Split, coded: ConditionCodes, touched: Flags, axis: str, noun: str) -> list[Mapping[str, Any]]:
    """The perturbations with most test conditions: contexts, and what was tested and trained there."""
    table, at = split.conditions, split.test[touched]
    values = table.dose if axis == "dose" else table.time
    kinds, example, count = np.unique(coded.identity[at], return_index=True, return_counts=True)
    labels = ["+".join(table.parts[i]) for i in at[example].tolist()]
    order = sorted(range(len(kinds)), key=lambda j: (-count[j], labels[j]))[:EVIDENCE_ROWS]
    trained = split.train
    out: list[Mapping[str, Any]] = []
    for j in order:
        own = at[coded.identity[at] == kinds[j]]
        kin = trained[coded.identity[trained] == kinds[j]]
        kin = kin[np.isin(coded.context[kin], coded.context[own])]
        out.append(
            {
                noun: labels[j],
                "test conditions": int(count[j]),
                "contexts": len(np.unique(coded.context[own])),
                f"tested {axis}s": _listed(values[own]),
                f"trained {axis}s": _listed(values[kin]) or "not named",
            }
        )
    return out


def _listed(values: NDArray[np.float64]) -> str:
    known = np.unique(values[np.isfinite(values)])
    return first((f"{v:g}" for v in known.tolist()), 6)


def _doses(rows: Sequence[Mapping[str, Any]], axis: str) -> str:
    """Example: the first row in words."""
    row = rows[0]
    return (
        f"such as {next(iter(row.values()))}, tested at {row[f'tested {axis}s']}, trained at {row[f'trained {axis}s']}"
    )
