"""Declared: what the authors of each model say it was given, entry by entry, with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vcassay.record.assessment import ModelRecord

NOT_DECLARED = "not declared"
WORDS = {
    "built_from": "built from",
    "holds_test": "holds test responses",
    "released": "released",
    "file": "file",
    "why": "because",
    "data": "on",
    "by": "by",
    "dropped": "test conditions dropped",
}
"""Keys of an entry as they read; others read as they are."""
UNSAID = ("unknown", "", None)


def declared_rows(models: Sequence[ModelRecord]) -> list[tuple[str, list[str]]]:
    """Entry and what each model declares of it; justifications stand with the entry that they justify."""
    keys = dict.fromkeys(key for model in models for key in model.disclosure if key != "why")
    return [(key, [_said(model.disclosure, key) for model in models]) for key in keys]


def _said(disclosure: Mapping[str, Any], key: str) -> str:
    value = disclosure.get(key)
    if value is None:
        return NOT_DECLARED
    reasons = disclosure.get("why")
    why = reasons.get(key, "") if isinstance(reasons, Mapping) else ""
    text = entry(value)
    return f"{text} (because: {why})" if why else text


def entry(value: Any) -> str:
    """Write an entry: its name or value first, the rest in brackets, what was left open not at all."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(entry(v) for v in value) or "none"
    if not isinstance(value, Mapping):
        return str(value)
    rest = dict(value)
    head = next((str(rest.pop(key)) for key in ("name", "data", "by") if key in rest), "")
    parts = [f"{WORDS.get(k, k)}: {_inner(v)}" for k, v in rest.items() if v not in UNSAID and v != []]
    return f"{head} ({', '.join(parts)})" if parts and head else head or ", ".join(parts) or "none"


def _inner(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list | tuple) else entry(value)
