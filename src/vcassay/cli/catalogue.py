"""vcassay list and explain: the catalogue."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vcassay.cli.console import print_json
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean

KINDS = ("metrics", "baselines", "checks", "diagnostics")


def list_command(
    kind: Annotated[str, typer.Argument(help="metrics, baselines, checks or diagnostics")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the metrics, baselines, checks or diagnostics."""
    rows = [_row(entry) for entry in _registry(kind)]
    if as_json:
        print_json(rows)
        return
    width = max(len(r["name"]) for r in rows)
    print("\n".join(f"{r['name']:<{width}}  {r['title'] or r['summary']}" for r in rows))


def explain_command(
    name: Annotated[str, typer.Argument(help="a name that `vcassay list` prints")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Explain a metric, baseline, check or diagnostic: definition, failure modes, source."""
    import inspect

    registries = {kind: _registry(kind) for kind in KINDS}
    for kind, registry in registries.items():
        if name in registry:
            entry = registry[name]
            if as_json:
                print_json({**_row(entry), "kind": kind, "definition": inspect.getdoc(entry.obj)})
                return
            print(f"{entry.name} ({kind.removesuffix('s')}): {entry.meta.get('title', '')}\n")
            print(inspect.getdoc(entry.obj))
            facts = {k: v for k, v in entry.meta.items() if v not in ("", None) and k != "title"}
            print("\n" + "\n".join(f"{k.replace('_', ' ')}: {_words(v)}" for k, v in facts.items()))
            print(f"source: {entry.source}")
            return
    known = [entry.name for registry in registries.values() for entry in registry]
    raise InputError(f"nothing is called '{name}'", where="vcassay explain", mend=did_you_mean(name, known))


def _registry(kind: str) -> Any:
    if kind not in KINDS:
        raise InputError(f"no catalogue is called '{kind}'", where="vcassay list", mend=did_you_mean(kind, KINDS))
    if kind == "metrics":
        from vcassay.evidence.metrics import METRICS

        return METRICS
    if kind == "baselines":
        from vcassay.evidence.baselines import BASELINES

        return BASELINES
    if kind == "checks":
        from vcassay.evidence.leakage import CHECKS

        return CHECKS
    from vcassay.evidence.biology import DIAGNOSTICS

    return DIAGNOSTICS


def _row(entry: Any) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.meta.get("title", ""),
        "summary": entry.summary,
        "source": entry.source,
        **{k: list(v) if isinstance(v, tuple) else v for k, v in entry.meta.items() if k != "title"},
    }


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
