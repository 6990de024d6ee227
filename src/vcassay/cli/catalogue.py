"""vcassay list and explain: the catalogue."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.core.registry import Entry

KINDS = ("metrics", "baselines", "checks", "diagnostics")


def list_command(
    kind: Annotated[str, typer.Argument(help="metrics, baselines, checks or diagnostics; all by default")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the metrics, baselines, checks or diagnostics."""
    kinds = (kind,) if kind else KINDS
    rows = {k: [_row(entry) for entry in _entries(k).values()] for k in kinds}
    if as_json:
        print_json(rows[kind] if kind else rows)
        return
    width = max(len(r["name"]) for listed in rows.values() for r in listed)
    for k, listed in rows.items():
        if not kind:
            print(f"{k}:" if k == KINDS[0] else f"\n{k}:")
        print("\n".join(f"{r['name']:<{width}}  {r['title'] or r['summary']}" for r in listed))


def explain_command(
    name: Annotated[str, typer.Argument(help="a name that `vcassay list` prints")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Explain a metric, baseline, check or diagnostic: definition, failure modes, source."""
    import inspect

    catalogue = {kind: _entries(kind) for kind in KINDS}
    for kind, entries in catalogue.items():
        if name in entries:
            entry = entries[name]
            if as_json:
                print_json({**_row(entry), "kind": kind, "definition": inspect.getdoc(entry.obj)})
                return
            print(f"{entry.name} ({kind.removesuffix('s')}): {entry.meta.get('title', '')}\n")
            print(inspect.getdoc(entry.obj))
            facts = {k: v for k, v in entry.meta.items() if v not in ("", None, ()) and k != "title"}
            print("\n" + "\n".join(f"{k.replace('_', ' ')}: {_words(v)}" for k, v in facts.items()))
            print(f"source: {entry.source}")
            return
    known = [known for entries in catalogue.values() for known in entries]
    raise InputError(f"nothing is called '{name}'", where="vcassay explain", mend=did_you_mean(name, known))


def _entries(kind: str) -> dict[str, Entry[Any]]:
    """Name to entry of one catalogue; what is computed without being asked for stands among the checks."""
    if kind not in KINDS:
        raise InputError(f"no catalogue is called '{kind}'", where="vcassay list", mend=did_you_mean(kind, KINDS))
    if kind == "metrics":
        from vcassay.evidence.metrics import METRICS

        return {entry.name: entry for entry in METRICS}
    if kind == "baselines":
        from vcassay.evidence.baselines import BASELINES

        return {entry.name: entry for entry in BASELINES}
    if kind == "checks":
        from vcassay.evidence.leakage import CHECKS
        from vcassay.run.checks import CEILING_CHECK

        return {entry.name: entry for entry in (*CHECKS, CEILING_CHECK)}
    from vcassay.evidence.biology import DIAGNOSTICS

    return {entry.name: entry for entry in DIAGNOSTICS}


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
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
