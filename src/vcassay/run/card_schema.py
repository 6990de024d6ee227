"""The JSON schema of a card, so that other tools write one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from vcassay.claim import USES
from vcassay.claim.protocols import protocols
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.leakage import CHECKS
from vcassay.evidence.metrics import METRICS
from vcassay.record import card
from vcassay.record.card import Card
from vcassay.record.disclosure import ENTRIES
from vcassay.run.described import described


def card_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a card as TOML or JSON holds it, with the names of the catalogue.

    The short forms that a card also takes, a text for a table of that name, are in it.
    """
    schema = Card.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    properties = schema["properties"]
    schema["properties"] = {"schema": properties.pop("schema_"), **properties}
    parts = schema["$defs"]
    named = {
        ("PublishedClaim", "use"): USES,
        ("Benchmark", "protocol"): [p.name for p in protocols()],
        ("Measured", "metric"): [e.name for e in METRICS],
        ("Compared", "baseline"): [e.name for e in BASELINES],
    }
    for (part, key), names in named.items():
        parts[part]["properties"][key]["enum"] = ["", *sorted(names)]
    parts["LeakNote"]["properties"]["check"]["enum"] = sorted(e.name for e in CHECKS)
    models: tuple[type[BaseModel], ...] = (Card, *_models())
    for model in models:
        into = schema if model is Card else parts.get(model.__name__, {"properties": {}})
        said_of = {k.rstrip("_"): said for k, said in described(model).items()}
        for key in into["properties"].keys() & said_of.keys():
            into["properties"][key]["description"] = said_of[key]
    for part, keys in SHORT.items():
        for key in keys:
            _with_short_form(parts[part]["properties"][key])
    return schema


def _models() -> Iterator[type[BaseModel]]:
    """Tables that a card is made of."""
    yield from (m for m in vars(card).values() if isinstance(m, type) and issubclass(m, BaseModel) and m is not Card)
    yield from ENTRIES.values()


SHORT = {
    "Benchmark": ("metrics", "baselines", "dataset", "contexts_test"),
    "Given": ("inputs", "graphs", "priors", "pretraining", "genes", "scaling"),
    "Corpus": ("accessions", "contexts"),
}
"""Entries that take a text for a table, or for a list of one."""


def _with_short_form(entry: dict[str, Any]) -> None:
    """Let an entry also be a text, or a list of texts."""
    text = {"type": "string"}
    choices = entry.pop("anyOf", None)
    if choices is None:
        keep = {k: entry.pop(k) for k in ("type", "items", "$ref", "prefixItems") if k in entry}
        choices = [keep]
    for choice in choices:
        items = choice.get("items")
        if isinstance(items, dict) and items != text:
            choice["items"] = {"anyOf": [items, text]}
    if text not in choices:
        choices.append(text)
    entry["anyOf"] = choices
