"""Submissions: what each [[model]] of a study answers, from its file or from the ladder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.evidence.baselines import BASELINES, Rung
from vcassay.prediction import Answer
from vcassay.record.assessment import ModelRecord
from vcassay.run.ladder import as_submission
from vcassay.run.references import REFERENCES
from vcassay.run.study import Study


def check_names(study: Study) -> None:
    """Refuse a model named like a rung of the ladder, and a rung that is not there, before anything is computed.

    Raises
    ------
    InputError
        Names the model.
    """
    rungs = [entry.name for entry in BASELINES]
    for name in study.evidence.baselines:
        if name not in rungs:
            mend = did_you_mean(name, rungs)
            raise InputError(f"no baseline is called '{name}'", where="[evidence] baselines", mend=mend)
    for model in study.model:
        if model.baseline is not None and model.baseline not in rungs:
            raise InputError(
                f"no baseline is called '{model.baseline}'",
                where=f"[[model]] '{model.name}'",
                mend=did_you_mean(model.baseline, rungs),
            )
        if model.name in (*rungs, *(r.name for r in REFERENCES)):
            raise InputError(
                f"the name '{model.name}' is that of a baseline",
                where=f"[[model]] '{model.name}'",
                mend="give the model another name",
            )


def wanted_rungs(study: Study) -> tuple[str, ...]:
    """Rungs that the study names, opt-in ones among them."""
    return (*study.evidence.baselines, *(m.baseline for m in study.model if m.baseline is not None))


def find_submissions(study: Study, matched: Mapping[str, Answer], rungs: Sequence[Rung]) -> dict[str, Answer]:
    """Model name to its answer, in the study's order.

    Raises
    ------
    InputError
        If a baseline that was submitted as a model cannot run here.
    """
    by_name = {rung.record.name: rung for rung in rungs}
    out: dict[str, Answer] = {}
    for model in study.model:
        if model.baseline is None:
            out[model.name] = matched[model.name]
            continue
        rung = by_name[model.baseline]
        answer = as_submission(rung, model.name)
        if answer is None:
            raise InputError(
                f"the baseline '{model.baseline}' cannot run here ({rung.record.why})",
                where=f"[[model]] '{model.name}'",
                mend="submit one that can, such as 'perturbed_mean'",
            )
        out[model.name] = answer
    return out


def model_record(answer: Answer) -> ModelRecord:
    """Return a submission as it is stored, without its verdict."""
    state = answer.state
    return ModelRecord(
        name=answer.name,
        source=Path(answer.source).name,  # the manifest has the complete path
        space=answer.space,
        n_wanted=len(state),
        n_predicted=int((state == "ok").sum()),
        n_abstained=int((state != "ok").sum()),
        notes=answer.notes,
        n_seeds=1 + len(answer.seeds),
        disclosure=answer.disclosure.model_dump(mode="json"),
    )
