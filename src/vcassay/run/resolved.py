"""The study as resolved: what was guessed written out, so that the assessment can be repeated from its directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vcassay.run.study import Study
from vcassay.screen import Design

SPLIT_FILES = frozenset({"file", "train_list", "val_list", "test_list", "ledger"})
"""Keys of [split] that name a file."""
HEAD = "# The study as it was assessed: what was guessed is written out, and every path is complete.\n"


def resolved_study(study: Study, base: Path, design: Design) -> str:
    """Write a study as TOML.

    Parameters
    ----------
    base
        The folder that the study's relative paths start from.
    design
        The columns that were read.
    """
    data = study.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["data"] |= _columns(design)
    named = data["data"]["screen"]
    data["data"]["screen"] = [_path(base, f) for f in named] if isinstance(named, list) else _path(base, named)
    for key in SPLIT_FILES & data["split"].keys():
        data["split"][key] = _path(base, data["split"][key])
    resources = [*data["knowledge"].values(), *(v for v in data["utility"].values() if isinstance(v, dict))]
    for given in resources:
        for entry in given if isinstance(given, list) else [given]:
            entry |= {key: _path(base, entry[key]) for key in ("path", "ontology") if key in entry}
    for model, section in zip(data["model"], study.model, strict=True):
        if isinstance(section.disclosure, str):
            model["disclosure"] = _path(base, section.disclosure)
        elif section.disclosure is not None:
            located = section.disclosure.located(lambda file: _path(base, file))
            model["disclosure"] = located.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        for key in {"predictions", "embeddings", "attributions"} & model.keys():
            model[key] = _path(base, model[key])
        model["ablations"] = {kind: _path(base, f) for kind, f in model["ablations"].items()}
        model["seeds"] = [_path(base, f) for f in model["seeds"]]
    return HEAD + to_toml(data)


def to_toml(data: dict[str, Any]) -> str:
    """Write plain data as TOML: tables of the first level, and lists of tables; deeper tables stay inline."""
    lines = [f"{_key(k)} = {toml_value(v)}" for k, v in data.items() if not _is_table(v)]
    for key, value in data.items():
        if isinstance(value, dict):
            lines += ["", f"[{_key(key)}]", *(f"{_key(k)} = {toml_value(v)}" for k, v in value.items())]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{_key(key)}]]", *(f"{_key(k)} = {toml_value(v)}" for k, v in row.items())]
    return "\n".join(lines) + "\n"


def _columns(design: Design) -> dict[str, Any]:
    """Columns as read; an empty text states that there is none."""
    named = ("context", "batch", "dose", "time", "modality", "layer", "genes", "delimiter")
    out: dict[str, Any] = {"perturbation": design.perturbation, "control": list(design.control)}
    out |= {name: getattr(design, name) or "" for name in named}
    out |= {"dose_unit": design.dose_unit, "time_unit": design.time_unit, "context_name": design.context_name}
    out |= {"rows": design.rows.value, "readout": design.readout.value, "annotation": dict(design.annotation)}
    return out


def _path(base: Path, name: str) -> str:
    return str((base / name).resolve())


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def toml_value(value: Any) -> str:
    """JSON writes texts, numbers, truth values and lists as TOML does; tables need their own form."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {toml_value(v)}" for k, v in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    if isinstance(value, str):
        return toml_text(value)
    return json.dumps(value)


def toml_text(value: object) -> str:
    """Write a TOML basic string: JSON's escapes are a subset of TOML's, which also wants DEL escaped."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
