"""Files that a user writes or reads, table by table, from the models that check them."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from collections.abc import Iterator
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vcassay_docs.docstrings import safe, safe_lines
from vcassay_docs.rest import entry, table, title

PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date", Any: "anything"}

STUDY = """The one input of an assessment. ``vcassay init`` writes it; relative paths start from its folder, and
``${NAME}`` is an environment variable. A key that is unknown is refused, with a suggestion.

"""
CARD = """What a publication reports, as facts: ``vcassay review CARD.toml`` judges it. What a section does not
mention is not reported, and is asked for; an empty list that is written down says that there was none.

"""
DISCLOSURE = """What a model was given, as its authors declare it: ``[model.disclosure]`` of a study, or a file of its
own, for which ``vcassay init --disclosure FILE`` writes a form. What is left out is not declared, and answered with
UNKNOWN and a question.

"""
ASSESSMENT = """``assessment.json`` in the directory that ``vcassay assess`` writes, and what lies beside it.

"""
BESIDE = (
    ("study.toml", "the study as resolved: what was guessed is stated"),
    ("assessment.json", "claim, findings, scores in sum, comparisons, verdicts, thresholds: the tables below"),
    ("conditions.parquet", "one row a condition: labels, role, cells, effect size, reliability, stratum"),
    ("scores.parquet", "model, metric, condition, stratum, value, status, n, interval: long"),
    ("report.html", "the report, one file that opens offline"),
    ("report.md", "the same in Markdown"),
    ("figures/\\*.vl.json", "every figure as Vega-Lite with its data"),
    ("manifest.json", "versions, seeds, and hashes of the inputs and of what is stored"),
)


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of every page."""
    from vcassay.record.assessment import AssessmentRecord
    from vcassay.record.audit import AuditRecord
    from vcassay.record.card import Card
    from vcassay.record.disclosure import Disclosure
    from vcassay.record.review import ReviewRecord
    from vcassay.run.study import Study

    yield "reference/study", title("study.toml") + STUDY + _tables(Study, "study.toml")
    yield "reference/disclosure", title("Disclosure") + DISCLOSURE + _tables(Disclosure, "disclosure.toml")
    yield "reference/card", title("Card of a publication") + CARD + _tables(Card, "card.toml")
    beside = table(("file", "holds"), [(f"``{a}``".replace("\\", ""), b) for a, b in BESIDE], (30, 70))
    yield (
        "reference/assessment",
        title("Assessment directory") + ASSESSMENT + beside + _tables(AssessmentRecord, "assessment.json"),
    )
    yield (
        "reference/audit",
        title("Audit and review as JSON")
        + ("What ``vcassay audit --json`` and ``vcassay review --json`` print.\n\n")
        + title("Audit", "-")
        + _tables(AuditRecord, "audit.json")
        + title("Review", "-")
        + _tables(
            ReviewRecord, "review.json", known=frozenset({Card, *_reached(AuditRecord), *_reached(AssessmentRecord)})
        ),
    )


def _tables(root: type[BaseModel], name: str, known: frozenset[type[BaseModel]] = frozenset()) -> str:
    """The root, and every model that it holds, each once and in the order of the keys."""
    shown = {model: path for model, path in _named(root, name).items() if model not in known}
    return "".join(_table(model, path, shown) for model, path in shown.items())


def _named(root: type[BaseModel], name: str) -> dict[type[BaseModel], str]:
    """Model to the key under which it is first met."""
    found = {root: name}
    queue = [(root, "")]
    while queue:
        model, path = queue.pop(0)
        for key, field in _fields(model):
            for inner, many in _models(field.annotation):
                if inner not in found:
                    here = f"{path}.{key}" if path else key
                    found[inner] = f"[[{here}]]" if many else f"[{here}]"
                    queue.append((inner, here))
    return found


def _reached(root: type[BaseModel]) -> frozenset[type[BaseModel]]:
    return frozenset(_named(root, ""))


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name.rstrip("_"), field) for name, field in model.model_fields.items()]


def _models(annotation: Any, *, many: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, many
    for inner in get_args(annotation):
        yield from _models(inner, many=many or get_origin(annotation) in (tuple, list))


def _table(model: type[BaseModel], path: str, shown: dict[type[BaseModel], str]) -> str:
    words = _attribute_docs(model)
    rows = []
    for (key, field), name in zip(_fields(model), model.model_fields, strict=True):
        default = "required" if field.is_required() else _default(field)
        meaning = words.get(name) or _summary(field.annotation)
        rows.append((f"``{key}``", _type(field.annotation, field.metadata, shown), default, meaning))
    text = "\n".join(safe_lines((inspect.getdoc(model) or "").splitlines()))
    return entry(
        path, f"{text}\n\n" + table(("key", "value", "default", "meaning"), rows, (18, 27, 17, 38)), kind="table"
    )


def _summary(annotation: Any) -> str:
    """First sentence of the table that a key holds, where the key itself says nothing."""
    inner = [model for model, _ in _models(annotation)]
    return safe((inspect.getdoc(inner[0]) or "").partition("\n\n")[0].replace("\n", " ")) if len(inner) == 1 else ""


def _attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """Text under each field, of the model and what it inherits from."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not issubclass(cls, BaseModel) or cls is BaseModel:
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
        body = tree.body[0].body  # type: ignore[attr-defined]
        for statement, after in pairwise(body):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                found[statement.target.id] = safe(" ".join(str(after.value.value).split()))
    return found


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}, []) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"``{str(value).lower()}``"
    if isinstance(value, Enum):
        value = value.value
    return f"``{value}``" if not isinstance(value, tuple) else ", ".join(f"``{v}``" for v in value)


def _type(annotation: Any, metadata: Any, shown: dict[type[BaseModel], str]) -> str:
    """What a value may be, in words."""
    single = any("listed" in getattr(getattr(m, "func", None), "__name__", "") for m in metadata or ())
    found = _words(annotation, shown)
    return f"text, or {found}" if single else found


def _words(annotation: Any, shown: dict[type[BaseModel], str]) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if origin is Annotated:
        return _type(inner[0], inner[1:], shown)
    if origin is Literal:
        return ", ".join(f"``{v}``" if v != "" else "nothing" for v in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(a, shown) for a in inner if a is not type(None)))
    if origin in (tuple, list, frozenset):
        kept = [a for a in inner if a is not Ellipsis]
        return "list of " + ", ".join(dict.fromkeys(_words(a, shown) for a in kept)) if kept else "list"
    if origin is dict or annotation is dict:
        return f"table of {_words(inner[1], shown)}" if inner else "table"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f":vcassay:entry:`{shown[annotation]}`" if annotation in shown else f"``{annotation.__name__}``"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"``{member.value}``" for member in annotation)
    return f"``{getattr(annotation, '__name__', annotation)}``"
