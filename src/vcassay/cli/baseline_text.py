"""Baselines on the command line: the list by kind and tier, one explained, and those that a claim allows."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vcassay.core.registry import Entry

WIDTH = 110
HEADS = {
    "probe": "probes: read of the test conditions what no honest model may; they must lose",
    "sabotage": "sabotage: a baseline whose input is destroyed; it must lose against the intact one",
}
READOUTS = {"vector": "many features", "scalar": "one feature", "any": "any number of features"}
ASKED = "runs only where a study names it"


def baselines_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the ladder: rivals of a model by tier, then probes and sabotage.

    Parameters
    ----------
    rows
        What the catalogue says of each, ``name`` and ``title`` included.
    """
    from vcassay.evidence.baselines.baseline import TIERS

    width = max((len(r["name"]) for r in rows), default=0)
    groups = [
        (
            f"{tier}: {TIERS.get(tier, '')}".removesuffix(": "),
            [r for r in rows if (r["kind"], r["tier"]) == ("baseline", tier)],
        )
        for tier in sorted({str(r["tier"]) for r in rows})
    ]
    others = sorted({str(r["kind"]) for r in rows} - {"baseline"}, key=lambda k: (k not in HEADS, k))
    groups += [(HEADS.get(kind, kind), [r for r in rows if r["kind"] == kind]) for kind in others]
    parts = ["* runs only where a study names it ([evidence] baselines)"] if any(r["opt_in"] for r in rows) else []
    for head, found in groups:
        if found:
            parts.append("\n".join([head, *(_line(r, width) for r in found)]))
    return "\n\n".join(parts)


def _line(row: Mapping[str, Any], width: int) -> str:
    twin = f" (against {row['twin']})" if row["twin"] else ""
    return f"{'*' if row['opt_in'] else ' '} {row['name']:<{width}}  {row['title']}{twin}"


def baseline_text(entry: Entry[Any]) -> str:
    """Explain a baseline: its recipe, where it stands, what it reads and needs, and when it runs."""
    facts = {**baseline_facts(entry), "source": entry.source}
    width = max(map(len, facts)) + 2
    lines = [
        textwrap.fill(f"{name + ':':<{width}}{text}", WIDTH, subsequent_indent=" " * width, break_long_words=False)
        for name, text in facts.items()
    ]
    return f"{inspect.getdoc(entry.obj)}\n\n" + "\n".join(lines)


def baseline_facts(entry: Entry[Any]) -> dict[str, str]:
    """What there is to know of a baseline beside its recipe: a name and a text each."""
    from vcassay.claim.grants import GRANTS
    from vcassay.evidence.baselines.baseline import KINDS, TIERS

    meta = entry.meta
    runs = [ASKED + " ([evidence] baselines)"] if meta["opt_in"] else []
    runs += [] if meta["quick"] else ["not under --quick"]
    facts = {
        "tier": f"{meta['tier']}, {TIERS.get(meta['tier'], '')}".removesuffix(", "),
        "kind": f"{meta['kind']}: {KINDS[meta['kind']]}" + (f" ({meta['twin']})" if meta["twin"] else ""),
        "reads": "; ".join(_read(GRANTS, name) for name in meta["reads"]) or "nothing",
        "needs": meta["needs"],
        "readout": READOUTS.get(meta["readout"], meta["readout"]),
        "runs": "; ".join(runs) or "always, where what it reads is granted",
    }
    return {name: text for name, text in facts.items() if text}


def _read(grants: Mapping[str, str], name: str) -> str:
    known = grants.get(name) or grants.get(name.split(":", 1)[0], "")
    return f"{known} ({name})" if known else name


def legal_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Say which baselines a claim allows, by tier, and which it does not, by reason.

    Parameters
    ----------
    rows
        ``legal_baselines`` of a claim: name, tier, whether legal, why not, needs, and for how many conditions.
    """
    listed = list(rows)
    legal = [r for r in listed if r["legal"]]
    lines = [f"Legal baselines: {len(legal)} of {len(listed)}, by tier"]
    for tier in sorted({str(r["tier"]) for r in legal}):
        names = [_legal(r) for r in legal if r["tier"] == tier]
        lines.append(_wrapped(f"{tier}: {', '.join(names)}"))
    if any(r["needs"] for r in legal):
        lines.append("  * also needs something of the study, such as features: `vcassay explain NAME` says what")
    barred: dict[str, list[str]] = {}
    for row in listed:
        if not row["legal"]:
            barred.setdefault(str(row["why"]) or "not granted", []).append(str(row["name"]))
    if barred:
        lines.append(f"\nNot legal: {sum(map(len, barred.values()))}, by reason")
        lines += [_wrapped(f"{', '.join(names)}: {why}") for why, names in barred.items()]
    return "\n".join(lines)


def _legal(row: Mapping[str, Any]) -> str:
    part = f" (for {row['n']:,} of {row['of']:,} conditions)" if row["n"] not in (None, row["of"]) else ""
    return f"{row['name']}{'*' if row['needs'] else ''}{part}"


def _wrapped(text: str) -> str:
    """Wrap an item of a list between its words, and never inside a name."""
    return textwrap.fill(
        text, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
