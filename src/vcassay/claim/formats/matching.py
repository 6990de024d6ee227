"""Plain labels of other tools, matched to the measured conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, InputError
from vcassay.core.conditions import Parts, canonical
from vcassay.core.errors import first
from vcassay.screen import CONTROL, CONTROL_LABELS
from vcassay.screen.parse import parse_tuples, rounded, split_parts
from vcassay.screen.suggest import DELIMITERS, delimiter
from vcassay.screen.treatments import read_treatments

_CONTROL_LIKE = re.compile(
    r"(?:non|safe)[-_ ]?target(?:ing|ed)?(?:[-_ ]?\w*\d*)?|dmso(?:_tf)?|dimethyl sulfoxide|vehicle(?:[-_ ]treated)?|"
    r"untreated|unperturbed|unstimulated|mock|scrambled?|neg(?:ative)?[-_ .]?(?:control|ctrl)(?:[-_ ]?\d+)?|"
    r"ntc?|ntc?[-_ ]\d+|ntc\d+|control|ctrl|pbs|no[-_ ]?(?:treatment|perturbation)",
    re.IGNORECASE,
)
"""Control labels met in published files; strict enough that no gene symbol but CTRL fits (NTF3 does not)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where labels were found.

    Attributes
    ----------
    at
        Label to the positions of the conditions it names.
    controls, strangers
        Labels that name controls; labels that name nothing that was measured.
    """

    at: dict[str, list[int]]
    controls: tuple[str, ...]
    strangers: tuple[str, ...]


def looks_like_control(label: str) -> bool:
    """Tell whether a perturbation is called as controls are; CTRL in capitals is a gene."""
    return label != "CTRL" and _CONTROL_LIKE.fullmatch(label.strip()) is not None


def control_labels(labels: Sequence[str], stated: Sequence[str] | None = None, usual: Sequence[str] = ()) -> list[str]:
    """Those of the labels that name controls.

    Parameters
    ----------
    stated
        What the user says are the controls, and nothing else; ``None`` for all usual names.
    usual
        Further names, such as those of a family of files, or the screen's own.
    """
    wanted = set(stated if stated is not None else (*CONTROL_LABELS, *usual))
    folded = {w.casefold() for w in wanted}

    def one(name: str) -> bool:
        text = name.strip()
        return text in wanted or text.casefold() in folded or (stated is None and bool(_CONTROL_LIKE.fullmatch(text)))

    def every(text: str) -> bool:
        tuples = parse_tuples(text)
        parts = [t[0] for t in tuples] if tuples else list(split_parts(text, "+"))
        return all(map(one, parts))

    return [text for text in labels if one(text) or every(text)]


def find_delimiter(labels: Sequence[str], control: Sequence[str]) -> str:
    """What joins the parts of a combination: ``+``, unless no label has one and another sign is evident."""
    if any(len(split_parts(text, "+")) > 1 for text in labels):
        return "+"
    return delimiter(labels, control, None)[0] or "+"


def find_labels(
    conditions: Conditions,
    labels: Sequence[str],
    *,
    within: NDArray[np.bool_] | None = None,
    delimiter: str = "+",
    control: Sequence[str] | None = None,
    controls_too: Sequence[str] = (),
) -> Found:
    """Find the measured conditions that labels name, in every context, at every dose and time.

    ``A+ctrl`` and ``ctrl+A`` name A; the order of partners does not matter; a label of Tahoe's kind names its dose
    too; a label such as ``K562 | A | 5`` names that one condition.

    Parameters
    ----------
    within
        (n,) conditions to look among; all if absent.
    control, controls_too
        As in `control_labels`.
    """
    where = np.arange(len(conditions)) if within is None else np.flatnonzero(within)
    by_parts: dict[Parts, list[int]] = {}
    for i in where.tolist():
        by_parts.setdefault(conditions.parts[i], []).append(i)
    texts = list(dict.fromkeys(str(x) for x in labels))
    controls = control_labels(texts, control, controls_too)
    treat = read_treatments(texts, controls, delimiter)
    found: dict[str, list[int]] = {}
    names, strange = [], []
    for text, code in zip(texts, treat.code.tolist(), strict=True):
        at = by_parts.get((text.strip(),))
        if at is None and code != CONTROL:
            at = by_parts.get(treat.parts[code])
            dose = treat.dose[code]
            if at is not None and not np.isnan(dose):
                at = [i for i in at if rounded(float(conditions.dose[i])) == dose] or None
        if at is not None:
            found[text] = at
        elif code == CONTROL:
            names.append(text)
        else:
            strange.append(text)
    if strange:
        named = any("|" in s for s in strange)
        by_id = dict(zip(conditions.take(where).ids, where.tolist(), strict=True)) if named else {}
        found |= {text: [by_id[text]] for text in strange if text in by_id}
        strange = [text for text in strange if text not in by_id]
    return Found(found, tuple(names), tuple(strange))


def conditions_of(
    labels: Sequence[str], contexts: Sequence[str], *, delimiter: str | None, control: Sequence[str] | None
) -> tuple[Conditions, NDArray[np.int64]]:
    """The conditions that labels name on their own, and the position of each label's; -1 for controls."""
    texts = list(dict.fromkeys(labels))
    controls = control_labels(texts, control)
    treat = read_treatments(texts, controls, delimiter or find_delimiter(texts, controls))
    code = dict(zip(texts, treat.code.tolist(), strict=True))
    keys: dict[tuple[str, int], int] = {}
    at = [-1 if code[x] == CONTROL else keys.setdefault((c, code[x]), len(keys)) for x, c in
          zip(labels, contexts, strict=True)]  # fmt: skip
    raw = [c for c, _ in keys], [treat.parts[i] for _, i in keys], [treat.dose[i] for _, i in keys]
    table = Conditions.make(*raw)
    place = table.locate(
        Conditions(np.array(raw[0], dtype=str), tuple(raw[1]), np.array(raw[2], dtype=float),
                   np.full(len(keys), np.nan), np.full(len(keys), ""))
    )  # fmt: skip
    return table, np.array([-1 if i < 0 else place[i] for i in at], dtype=np.int64)


def refuse_strangers(conditions: Conditions, strangers: Sequence[str], *, where: str, what: str) -> None:
    """Refuse labels that were not measured: how many, the first five, and under which change they would match.

    Raises
    ------
    InputError
        If there are any.
    """
    if not strangers:
        return
    mend = near_miss(conditions, [s.rsplit(" | ", 1)[-1] for s in strangers])
    raise InputError(
        f"lists {len(strangers)} {what} that were not measured ({first(strangers)})",
        where=where,
        mend=mend or "use the split of this screen, or the screen's labels",
    )


def near_miss(conditions: Conditions, strangers: Sequence[str]) -> str:
    """The change under which most strangers would match, as a mend; empty if none would."""
    known = set(conditions.parts)
    folded = {tuple(sorted(p.casefold() for p in parts)) for parts in known}
    tries: list[tuple[int, str]] = []
    n = len(strangers)

    def parts_of(text: str, sign: str) -> Parts:
        return canonical(p for p in split_parts(text, sign) if p.casefold() not in ("ctrl", "control"))

    for sign in DELIMITERS:
        hits = sum(parts_of(s, sign) in known and len(split_parts(s, sign)) > 1 for s in strangers)
        tries.append((hits, f"with '{sign}' as the sign that joins a combination (delimiter='{sign}')"))
    hits = sum(tuple(sorted(p.casefold() for p in parts_of(s, "+"))) in folded for s in strangers)
    tries.append((hits, "whatever the case of the letters: write the labels as the screen does"))
    hits = sum((t := parse_tuples(s)) is not None and canonical(name for name, _, _ in t) in known for s in strangers)
    tries.append((hits, "by name, but the screen has no such dose"))
    best, how = max(tries, key=lambda x: x[0])
    return f"{best} of {n} would match {how}" if best else ""
