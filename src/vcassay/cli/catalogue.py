"""vcassay list and explain: the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vcassay.cli.baseline_text import baseline_text, baselines_text
from vcassay.cli.console import print_json
from vcassay.cli.metric_text import metric_text, metrics_text
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.core.plugins import load_installed
from vcassay.core.registry import Entry

if TYPE_CHECKING:
    from vcassay.claim.protocols import Protocol

KINDS = ("metrics", "baselines", "checks", "diagnostics", "protocols")
PROFILES = "profiles"
"""Metrics of published scorers: listed when asked for, since there are many."""


def list_command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", help="metrics, baselines, checks, diagnostics, protocols (all by default) or profiles"
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the metrics, baselines, checks, diagnostics, published protocols, or metrics of published scorers."""
    load_installed()
    kinds = (kind,) if kind else KINDS
    rows = {k: _rows(k) for k in kinds}
    if as_json:
        print_json(rows[kind] if kind else rows)
        return
    width = max(len(r["name"]) for listed in rows.values() for r in listed)
    for k, listed in rows.items():
        if not kind:
            print(f"{k}:" if k == KINDS[0] else f"\n{k}:")
        if k == "metrics":
            print(metrics_text(listed))
        elif k == "baselines":
            print(baselines_text(listed))
        elif k == "diagnostics":
            print(_by_question(listed, width))
        else:
            print("\n".join(f"{r['name']:<{width}}  {_line(k, r)}" for r in listed))


def explain_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="a name that `vcassay list` or `vcassay datasets` prints")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Explain a metric, baseline, check, diagnostic, protocol, data set or reviewed model, with its source."""
    import inspect

    from vcassay.claim.protocols import protocols
    from vcassay.screen.datasets import datasets

    load_installed()
    published = {p.name: p for p in protocols()}
    if name in published:
        _explain_protocol(published[name], as_json)
        return
    held = {d.name: d for d in datasets()}
    if name in held:
        from vcassay.cli.datasets import show_command

        show_command(name, as_json=as_json)
        return
    catalogue = {kind: _entries(kind) for kind in (*KINDS, PROFILES) if kind != "protocols"}
    named = {entry.meta["metric"]: entry for entry in catalogue[PROFILES].values()}
    for kind, entries in (*catalogue.items(), (PROFILES, named)):
        if name in entries:
            entry = entries[name]
            if as_json:
                print_json({**_row(entry), "kind": kind, "definition": inspect.getdoc(entry.obj)})
                return
            print(f"{entry.name} ({kind.removesuffix('s')}): {entry.meta.get('title', '')}".removesuffix(": ") + "\n")
            if kind == "metrics":
                print(metric_text(entry))
                return
            if kind == "baselines":
                print(baseline_text(entry))
                return
            print(inspect.getdoc(entry.obj))
            facts = {k: v for k, v in entry.meta.items() if v not in ("", None, ()) and k != "title"}
            print("\n" + "\n".join(f"{k.replace('_', ' ')}: {_words(v)}" for k, v in facts.items()))
            print(f"source: {entry.source}")
            return
    from vcassay.verdict.cards import cards

    models = {card.name.casefold(): card.name for card in cards()}
    if name.casefold() in models:
        from vcassay.cli.field import field_command

        field_command(models[name.casefold()], as_json=as_json)
        return
    known = [*published, *held, *(known for entries in catalogue.values() for known in entries), *models.values()]
    raise InputError(f"nothing is called '{name}'", where="vcassay explain", mend=did_you_mean(name, known))


def _explain_protocol(protocol: Protocol, as_json: bool) -> None:
    """Definition, claim and traps of a published split."""
    from vcassay.screen.datasets import datasets

    if as_json:
        print_json({**protocol.model_dump(mode="json", exclude={"schema_"}), "kind": "protocols",
                    "regime": protocol.regime.value, "sentence": protocol.sentence()})  # fmt: skip
        return
    print(f"{protocol.name} (protocol): {protocol.title} on {protocol.dataset}\n")
    print(f"{protocol.definition}\n\n{protocol.sentence()}")
    print(f"\nregime: {protocol.regime.value}")
    print("\n".join(f"  - {s.regime.value}, {s.share:.0%} of the test conditions: {s.what}" for s in protocol.strata))
    print(f"truth: {protocol.truth}{f' since {protocol.truth_since}' if protocol.truth_since else ''}")
    print(f"pretraining on the test contexts: {protocol.pretraining}")
    if protocol.make is not None:
        print(f"drawn by: {', '.join(f'{k} = {_words(v)}' for k, v in protocol.make.items())}")
    if protocol.traps:
        print("\nKnown traps:")
        print("\n".join(f"  - {t.status} {t.title}: {t.sentence} [{t.evidence}]" for t in protocol.traps))
    print(f"\nsource: {protocol.source} ({protocol.evidence}; {protocol.note})")
    if on := [d.name for d in datasets() if protocol.name in d.protocols]:
        print(f"data sets: {', '.join(on)} (`vcassay datasets show NAME`)")


def _entries(kind: str) -> dict[str, Entry[Any]]:
    """Name to entry of one catalogue; what is computed without being asked for stands among the checks."""
    if kind == PROFILES:
        from vcassay.evidence.metrics.profiles import PROFILE_METRICS

        return {entry.name: entry for entry in PROFILE_METRICS}
    if kind not in KINDS:
        raise InputError(
            f"no catalogue is called '{kind}'", where="vcassay list", mend=did_you_mean(kind, (*KINDS, PROFILES))
        )
    if kind == "metrics":
        from vcassay.evidence.metrics import METRICS

        return {entry.name: entry for entry in METRICS}
    if kind == "baselines":
        from vcassay.evidence.baselines import BASELINES

        return {entry.name: entry for entry in BASELINES}
    if kind == "checks":
        from vcassay.evidence.leakage import CHECKS
        from vcassay.run.checks import CEILING_CHECK, HACK_CHECK, STAGE1

        return {
            entry.name: entry for entry in sorted((*STAGE1, *CHECKS, CEILING_CHECK, HACK_CHECK), key=lambda e: e.name)
        }
    from vcassay.evidence.biology import DIAGNOSTICS
    from vcassay.record.rooms import BIOLOGY_ROOMS

    rooms = list(BIOLOGY_ROOMS)
    place = {entry.name: rooms.index(r) if (r := entry.meta["room"]) in rooms else len(rooms) for entry in DIAGNOSTICS}
    return {entry.name: entry for entry in sorted(DIAGNOSTICS, key=lambda e: (place[e.name], e.name))}


def _by_question(listed: list[dict[str, Any]], width: int) -> str:
    """Diagnostics under the questions that they answer, in their order."""
    from vcassay.record.rooms import BIOLOGY_ROOMS, OTHER

    lines: list[str] = []
    for i, row in enumerate(listed):
        if not i or row["room"] != listed[i - 1]["room"]:
            lines.append(("\n" if i else "") + BIOLOGY_ROOMS.get(row["room"], OTHER))
        lines.append(f"  {row['name']:<{width}}  {row['title']}")
    return "\n".join(lines)


def _rows(kind: str) -> list[dict[str, Any]]:
    if kind != "protocols":
        return [_row(entry) for entry in _entries(kind).values()]
    from vcassay.claim.protocols import protocols

    return [
        {"name": p.name, "title": p.title, "regime": p.regime.value, "dataset": p.dataset, "source": p.source}
        for p in protocols()
    ]


def _line(kind: str, row: dict[str, Any]) -> str:
    """What stands beside a name in the list."""
    if kind == "protocols":
        return f"{row['regime']:<16}  {row['dataset']} | {row['source']}"
    return str(row["title"] or row["summary"])


def _row(entry: Entry[Any]) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.meta.get("title", ""),
        "summary": entry.summary,
        "source": entry.source,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in entry.meta.items() if k != "title"},
    }


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
