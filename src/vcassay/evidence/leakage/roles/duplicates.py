"""L01, L02: the same condition in more than one role; duplicates and controls among what is tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Role, Split
from vcassay.claim.formats.matching import looks_like_control
from vcassay.claim.formats.roles import known_role
from vcassay.core import Conditions, Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, not_comparable, not_tested
from vcassay.evidence.leakage.roles.held_out import touching
from vcassay.screen.parse import parse_tuples


@check(
    "L01",
    title="Conditions in more than one role",
    blocks=True,
    source="duplicates in training and test: Kapoor and Narayanan 2023, Patterns 4:100804",
)
def same_condition(split: Split, claim: Claim) -> Finding:
    """No condition (context, perturbation, dose, time) has more than one role.

    Where a split parts the cells of conditions, these are in training and in test, which only a declared
    random-cell regime allows.
    """
    if (stop := not_comparable("L01", split)) is not None:
        return stop
    n, both = len(split.test), split.both_sides
    parted = len(both) > 0 and (split.test_shards or split.meta.get("rows") == "cells")
    if split.conflicts and not parted:
        leaked = [c for c in split.conflicts if Role.TEST.value in c[1:]]
        rows = sorted(split.conflicts, key=lambda c: Role.TEST.value not in c[1:])
        return finding(
            "L01",
            Status.FAIL,
            f"{plural(len(rows), 'condition')} named in more than one role, {len(leaked)} of them as test "
            f"({first((c[0] for c in rows), 3)}).",
            value=float(len(rows)),
            null=0.0,
            threshold=0.0,
            evidence=({"condition": c, "role": a, "also": b} for c, a, b in rows),
            affected=touching("that are named in training, too", _named_twice(split, {c[0] for c in leaked})),
            remedy="Give every condition one role, train again and score again.",
        )
    if parted:
        claimed = claim.declared not in (None, Regime.RANDOM_CELLS)
        stated = claim.declared is Regime.RANDOM_CELLS
        some = "All" if len(both) == n else f"{len(both)} of"
        return finding(
            "L01",
            Status.FAIL if claimed else Status.PASS if stated else Status.WARN,
            f"{some} {n} test conditions are in training and in test: only their cells are divided"
            + (f", although {claim.declared} is declared." if claimed else "."),
            value=float(len(both)),
            null=0.0,
            threshold=0.0,
            evidence=()
            if stated
            else ({"condition": c, "role": "train", "also": "test"} for c in split.conditions.take(both).ids),
            remedy="" if stated else "Hold out whole conditions, or claim no more than random cells.",
            affected=touching("of which other cells are training", np.isin(split.test, both)),
        )
    sentence = f"None of {plural(n, 'test condition')} is among {plural(len(split.train), 'training condition')}."
    if split.assumed:
        sentence = f"Whether a test condition was trained on is not known: {split.assumed}."
        return finding("L01", Status.UNKNOWN, sentence, question=TRAINING_QUESTION)
    return finding("L01", Status.PASS, sentence, value=0.0, null=0.0, threshold=0.0)


def _named_twice(split: Split, names: set[str]) -> NDArray[np.bool_]:
    """(t,) test conditions with one of some ids."""
    return np.array([name in names for name in split.conditions.take(split.test).ids], dtype=bool)


@check(
    "L02",
    title="Duplicates and controls among the test conditions",
    source="STATE's Tahoe-100M split lists DMSO as a drug",
)
def controls_tested(split: Split) -> Finding:
    """What the source of the split lists as test is listed once, and is no control.

    WARN for controls, repeats and two names of one condition (``A+ctrl``, ``ctrl+A``), which are left out of what is
    scored here; a score made elsewhere on the same list holds them. Controls of a context that a table holds out whole
    are its reference. FAIL where a test perturbation is called as controls are (DMSO, vehicle, mock ...): it is scored
    as a treatment.
    """
    if (stop := not_tested("L02", split)) is not None:
        return stop
    listed = split.meta.get("controls_in_test") or ()
    own = set(split.conditions.context[split.train].tolist())
    rows_of = split.meta.get("rows")  # of a table: there the controls of a context held out whole are its reference
    controls = [] if rows_of == "cells" else [tuple(map(str, r)) for r in listed if rows_of is None or r[1] in own]
    twice = split.meta.get("duplicates") or {}
    repeats = [f"{place} | {_plain(label)}" for place, labels in twice.items() for label in labels]
    merged = {place: names for place, names in (split.meta.get("merged") or {}).items() if _is_test(place)}
    same = [names for own in merged.values() for names in own]
    table = split.conditions.take(split.test)
    names = {parts: all(map(looks_like_control, parts)) for parts in set(table.parts)}
    vehicle = np.array([names[parts] for parts in table.parts], dtype=bool)
    scored = list(dict.fromkeys(table.perturbation[vehicle].tolist()))
    n = len(controls) + len(repeats) + len(same) + int(vehicle.sum())
    if not n:
        cells = "; controls among the test rows are a reference, not a test condition" if listed else ""
        sentence = f"The list of {plural(len(split.test), 'test condition')} holds no control and no duplicate{cells}."
        return finding("L02", Status.PASS, sentence, value=0.0, null=0.0, threshold=0.0)
    parts = []
    if scored:
        where = len(np.unique(table.context[vehicle]))
        parts.append(f"{first(scored, 3)} is scored as a treatment in {plural(where, 'test context')}")
    if controls:
        labels, where = first(dict.fromkeys(_plain(row[0]) for row in controls), 3), len({row[1] for row in controls})
        parts.append(f"a control ({labels}) is listed as test in {plural(where, 'context')}")
    if repeats:
        parts.append(f"{plural(len(repeats), 'label')} listed more than once ({first(repeats, 3)})")
    if same:
        named = first((" = ".join(names[1:]) for names in same), 3)
        parts.append(f"{plural(len(same), 'test condition')} listed under more than one name ({named})")
    text = " and ".join(parts)
    rows = [{"control": table.take([i]).ids[0], "scored": "yes"} for i in np.flatnonzero(vehicle)[:EVIDENCE_ROWS]]
    rows += [{"control": _plain(row[0]), "context": row[1]} for row in controls]
    rows += [{"duplicate": name} for name in repeats] + [
        {"condition": names[0], "listed as": " and ".join(names[1:])} for names in same
    ]
    what = "that are controls by their name, or listed more than once"
    again = _repeated(table, twice) | _repeated(table, {place: [x[0] for x in own] for place, own in merged.items()})
    return finding(
        "L02",
        Status.FAIL if scored else Status.WARN,
        f"{capital(text)}.",
        value=float(n),
        null=0.0,
        threshold=0.0,
        evidence=rows,
        remedy="Take controls and repeated entries out of the test list, and score again.",
        affected=touching(what, vehicle | again),
    )


def _is_test(place: str) -> bool:
    """Whether a list, named by context and word, is one of test conditions."""
    return known_role(place.rpartition(" | ")[2]) is Role.TEST


def _plain(label: str) -> str:
    """A label in Tahoe's form as drug and dose; any other as it is."""
    drugs = parse_tuples(label)
    return " + ".join(f"{name} {dose:g} {unit}".strip() for name, dose, unit in drugs) if drugs else label


def _repeated(table: Conditions, twice: Mapping[str, Iterable[str]]) -> NDArray[np.bool_]:
    """(n,) test conditions whose label is listed more than once: its name, or drug and dose in Tahoe's form."""
    out = np.zeros(len(table), dtype=bool)
    named = table.perturbation
    for place, labels in twice.items():
        context, _, word = place.rpartition(" | ")
        if known_role(word) is not Role.TEST:
            continue
        here = table.context == context if context else np.ones(len(table), dtype=bool)
        for label in labels:
            drugs = parse_tuples(label)
            doses = {dose for _, dose, _ in drugs or ()}
            text = "+".join(sorted(name for name, _, _ in drugs)) if drugs else label
            out |= here & (named == text) & (np.isin(table.dose, list(doses)) if len(doses) == 1 else True)
    return out
