"""Model card: scores as the ``model-index`` of Hugging Face, none of which travels without its claim and verdict.

The format is that of https://github.com/huggingface/hub-docs/blob/main/modelcard.md: required are ``task.type``,
``dataset.type``, ``dataset.name``, and of each metric ``type`` and ``value``; a ``source`` needs an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.record import AssessmentRecord, ModelRecord
from vcassay.record.assessment import ManifestRecord
from vcassay.record.evidence import MetricRecord, SkillRecord
from vcassay.report.facts import ceiling_of, headline_stratum, ladder, primary_metrics, skill_of
from vcassay.report.pipe import escape
from vcassay.report.wording import REGIME, number, sentence
from vcassay.report.yaml import dump

TASK = "perturbation-response-prediction"


def card_yaml(record: AssessmentRecord, manifest: ManifestRecord | None, source: str = "") -> str:
    """Write card.yml: the ``model-index`` of every model, and beside it the verdicts and what was left out."""
    return dump(_card(record, record.models, manifest, source))


def model_card(record: AssessmentRecord, manifest: ManifestRecord | None, model: str = "", source: str = "") -> str:
    """Write the front matter of a model's README.md, with the verdict below it.

    Parameters
    ----------
    model
        Its name; may be left out where there is one.
    source
        Address under which the assessment can be read.

    Raises
    ------
    InputError
        If there is no such model, or several and none is named.
    """
    names = [m.name for m in record.models]
    if not model and len(names) != 1:
        what = f"{len(names)} models are assessed, and a card is of one"
        raise InputError(what, where="--model", mend=f"name one: {', '.join(names)}" if names else "assess one")
    found = next((m for m in record.models if m.name == (model or names[0])), None)
    if found is None:
        raise InputError(f"no model is called '{model}'", where="--model", mend=did_you_mean(model, names))
    return f"---\n{dump(_card(record, [found], manifest, source))}---\n\n{_body(record, found)}"


def _card(
    record: AssessmentRecord, models: Sequence[ModelRecord], manifest: ManifestRecord | None, source: str
) -> dict[str, Any]:
    index, told = [], []
    for model in models:
        metrics, skipped = _metrics(record, model)
        index.append({"name": model.name, "results": [_result(record, metrics, source)] if metrics else []})
        verdict = model.verdict
        told.append(
            {
                "name": model.name,
                "verdict": verdict.level if verdict is not None else None,
                "sentence": verdict.sentence if verdict is not None else None,
                "provided": list(verdict.provided) if verdict is not None else [],
                "skipped": skipped,
            }
        )
    claim = record.claim
    own = {
        "version": manifest.versions.get("vcassay") if manifest is not None else None,
        "claim": claim.sentence,
        "regime": claim.regime,
        "use": claim.use or None,
        "conditions": claim.sha256,
        "quick": record.quick,
        "models": told,
    }
    return {"model-index": index, "vcassay": own}


def _result(record: AssessmentRecord, metrics: list[dict[str, Any]], source: str) -> dict[str, Any]:
    claim, screen = record.claim, record.screen
    new = REGIME.get(claim.regime, "")
    regime = f"{claim.regime or 'no regime'}{f': {new}' if new else ''}"
    data: dict[str, Any] = {
        "task": {"type": TASK, "name": f"Prediction of perturbation response ({regime})"},
        "dataset": {
            "type": _slug(screen.name),
            "name": f"{screen.name} ({regime}; {claim.n_test:,} test conditions)",
            "config": claim.regime or "none",
            "split": "test",
            "revision": claim.sha256,
        },
        "metrics": metrics,
    }
    if source:
        data["source"] = {"name": "vcassay", "url": source}
    return data


def _metrics(record: AssessmentRecord, model: ModelRecord) -> tuple[list[dict[str, Any]], list[str]]:
    """Scores and skill in the metrics that can carry the verdict, and why others are left out."""
    out: list[dict[str, Any]] = []
    skipped = []
    for metric in primary_metrics(record):
        stratum = headline_stratum(record, metric.name)
        score, skill = record.score(model.name, metric.name, stratum), skill_of(record, model.name, metric.name)
        where = f"{metric.title} ({record.claim.regime or 'no regime'}, {stratum} conditions"
        end = f"verdict: {model.verdict.level})" if model.verdict is not None else "no verdict)"
        if score is None or score.value is None:
            skipped.append(f"{metric.name}: {score.reason if score is not None else 'no score'}")
            continue
        beside = _beside(record, metric, stratum, skill)
        demoted = "; demoted on this screen" if metric.demoted else ""
        out.append(_metric(metric.name, score.value, f"{where}{beside}{demoted}; {end}"))
        if skill is not None and skill.skill is not None:
            of = "share of the attainable gain over the best legal baseline"
            out.append(_metric(f"{metric.name}_skill", skill.skill, f"Skill: {of}, {where}{beside}; {end}"))
        else:
            skipped.append(f"{metric.name}_skill: {skill.refused if skill is not None else 'not computed'}")
    rest = [m for m in record.metrics if m not in primary_metrics(record)]
    if rest:
        skipped.append(f"{len(rest)} metrics that cannot carry the verdict: see the report")
    return out, skipped


def _beside(record: AssessmentRecord, metric: MetricRecord, stratum: str, skill: SkillRecord | None) -> str:
    """The floor and the ceiling that a score has to be read between."""
    parts = []
    if skill is not None and skill.baseline_score is not None:
        rung = ladder(record).get(skill.baseline)
        name = rung.title if rung is not None else skill.baseline
        parts.append(f"best legal baseline {number(skill.baseline_score, 3)} by {name}")
    ceiling = ceiling_of(record, metric.name, stratum)
    if ceiling.value is not None:
        parts.append(f"ceiling {number(ceiling.value, 3)}")
    return "".join(f"; {part}" for part in parts)


def _metric(kind: str, value: float, name: str) -> dict[str, Any]:
    return {"type": kind, "value": value, "name": name, "verified": False}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "screen"


def _body(record: AssessmentRecord, model: ModelRecord) -> str:
    verdict = model.verdict
    parts = ["## What the evidence supports"]
    if verdict is None:
        return f"{parts[0]}\n\nNo verdict was reached.\n"
    parts.append(f"**{escape(verdict.level)}**: {escape(sentence(verdict.sentence))}")
    if verdict.reasons:
        parts.append("\n".join(f"- {escape(sentence(reason))}" for reason in verdict.reasons))
    if verdict.provided:
        parts += ["Provided that:", "\n".join(f"- {escape(sentence(clause))}" for clause in verdict.provided)]
    limits = record.claim.does_not_support
    if limits:
        parts += ["It does not show:", "\n".join(f"- {escape(sentence(row.sentence))}" for row in limits)]
    return "\n\n".join(parts) + "\n"
