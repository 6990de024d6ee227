"""Findings of every room of biology, with the evidence rows that the page draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.record import FindingRecord

CLASSES = ("HDAC inhibitor", "MEK inhibitor", "tubulin inhibitor", "proteasome inhibitor", "<b>EGFR</b> inhibitor")
SETS = ("HALLMARK_P53_PATHWAY", "SREBP2 targets", "ERK feedback genes")
GENES = ("HDAC1", "MAP2K1", "TUBB", "PSMB5", "EGFR", "MTOR", "BRD4", "CDK4")
AXES = ("p53 response", "unfolded proteins", "proliferation", "mean effect of training")


def _find(check: str, title: str, room: str, status: str, sentence: str, **more: Any) -> FindingRecord:
    return FindingRecord(
        check=check, title=title, status=status, sentence=sentence, family="biology", room=room, **more
    )


def _classes(gain: float | None) -> list[dict[str, Any]]:
    rng = np.random.default_rng(3)
    rows = []
    for i, a in enumerate(CLASSES):
        for j, b in enumerate(CLASSES[i:], start=i):
            truth, chemistry = (0.5 if i == j else rng.normal(0, 0.08)), (0.4 if i == j else rng.uniform(0.05, 0.2))
            row = {"kind": "classes", "row": a, "column": b, "truth": truth, "chemistry": chemistry}
            rows.append(row if gain is None else row | {"model": gain * truth + rng.normal(0, 0.05)})
    return rows


def _matrix(gain: float | None) -> list[dict[str, Any]]:
    rng = np.random.default_rng(4)
    rows = []
    for a in GENES[:4]:
        for b in SETS:
            row = {"kind": "matrix", "row": a, "column": b, "truth": float(rng.normal())}
            rows.append(row if gain is None else row | {"model": gain * row["truth"] + float(rng.normal(0, 0.3))})
    return rows


def _analogues(names: list[str], gain: float | None) -> list[dict[str, Any]]:
    rng = np.random.default_rng(5)
    rows = []
    for name, gene in zip(names, GENES, strict=False):
        row = {"kind": "analogue", "perturbation": name, "target": gene, "context": "A549", "of": 96}
        row["truth"] = float(rng.uniform(0.6, 1.0))
        rows.append(row if gain is None else row | {"model": float(np.clip(gain * row["truth"], 0, 1))})
    return rows


def _expectations(gain: float | None) -> list[dict[str, Any]]:
    rows = []
    for i, (a, b) in enumerate(zip(CLASSES, (*SETS, *SETS), strict=False)):
        row = {"kind": "expectation", "class": a, "set": b, "sign": 1 - 2 * (i % 2), "where": "everywhere"}
        row |= {"conditions": 12, "truth": 3.0 - i, "null_sd": 1.0, "source": "a review"}
        rows.append(row if gain is None else row | {"model": gain * (3.0 - i)})
    return rows


def _axes(gain: float | None) -> list[dict[str, Any]]:
    stays, rows = (0.8 if gain is None else gain), []
    for i, axis in enumerate((*AXES, "all")):
        left = stays if axis == "all" else 1 - 0.1 * (1 - stays) * i
        row = {"kind": "axis", "axis": axis, "source": "sentinel genes", "genes": 12, "random": 0.02}
        row |= {"truth_skill_before": 0.5, "truth_skill_after": 0.5 * (0.8 if axis == "all" else 1.0)}
        rows.append(row if gain is None else row | {"skill_before": 0.4, "skill_after": 0.4 * left})
    return rows


def _lines(kind: str, key: str, names: tuple[str, ...], model: str, gain: float | None) -> list[dict[str, Any]]:
    rows = []
    for i, name in enumerate(names):
        row = {"kind": kind, key: name, "truth": 0.5 - 0.1 * i, "context": "A549", "expected": "down", "conditions": 9}
        row |= {key: name}
        rows.append(row if gain is None else row | {model: gain * row["truth"]})
    return rows


def _arms(model: str | None) -> list[dict[str, Any]]:
    row = {"kind": "arm", "with": 0.4, "without": 0.35, "gain": 0.05, "compounds": 30, "stratum": "all"}
    if model is not None:
        return [row | {"family": model}]
    return [
        row | {"family": "ridge", "low": 0.01, "high": 0.09},
        row | {"family": "ridge", "stratum": "target perturbed"},
    ]


def _shares(perturbation: float | None) -> list[dict[str, Any]]:
    truth = {"perturbation": 0.55, "context": 0.2, "rest": 0.25}
    if perturbation is None:
        return [{"kind": "share", "source": s, "truth": t} for s, t in truth.items()]
    own = {"perturbation": perturbation, "context": 0.9 - perturbation, "rest": 0.1}
    return [{"kind": "share", "source": s, "truth": t, "model": own[s]} for s, t in truth.items()]


def biology_findings(names: list[str], models: tuple[str, ...], gains: dict[str, float]) -> list[FindingRecord]:
    """One diagnostic a room: what the truth shows, and what each model does."""
    drawn: dict[str, tuple[str, str, Any]] = {
        "moa_similarity": ("Mechanism", "mechanism", lambda g: _classes(g)),
        "skill_beyond_stress": ("Skill beyond stress", "stress", lambda g: _axes(g)),
        "target_pathway": ("Expected pathway", "pathway", lambda g: _expectations(g)),
        "target_neighbours": ("Neighbourhood of the target", "pathway", lambda g: _matrix(g)),
        "inhibitor_analogue": ("Inhibitor and knock-down", "modality", lambda g: _analogues(names, g)),
        "input_use": ("Inputs", "attribution", lambda g: _lines("input", "input", ("dose", "context"), "change", g)),
        "nuisance_genes": ("Nuisance", "attribution", lambda g: _lines("genes", "programme", ("sex",), "mass", g)),
        "interaction": ("Interaction", "specificity", lambda g: _lines("context", "context", ("PC9",), "model", g)),
        "self_knockdown": ("Own gene", "universal", lambda g: _lines("target", "perturbation", GENES, "model", g)),
        "variance_shares": ("Shares of variance", "attribution", lambda g: _shares(g and 0.6 * g)),
    }
    rows = [
        _find("moa_beyond_chemistry", "Mechanism beyond chemistry", "mechanism", "NA",
              "Not measurable: no table of mechanisms."),
        _find("genetic_evidence", "Genetic evidence", "modality", "PASS", "Ridge gains.", evidence=tuple(_arms(None))),
    ]  # fmt: skip
    for check, (title, room, make) in drawn.items():
        rows.append(
            _find(check, title, room, "PASS", "In the truth, it is there (p = 0.001).", evidence=tuple(make(None)))
        )
        for model in models:
            status = "WARN" if gains[model] < 0.6 else "PASS"
            said = f"More than with permuted labels, {gains[model]:.0%} of what the truth has."
            more = {"value": gains[model], "null": 0.1, "threshold": 0.6, "model": model}
            rows.append(_find(check, title, room, status, said, evidence=tuple(make(gains[model])), **more))
    return rows
