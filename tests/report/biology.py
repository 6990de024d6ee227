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


def _axes(whole: float, stays: float) -> list[dict[str, Any]]:
    rows = [{"kind": "axis", "axis": a, "source": "sentinel genes", "genes": 12, "random": 0.02,
             "skill_before": whole, "skill_after": whole * (1 - 0.1 * (1 - stays) * i)}
            for i, a in enumerate(AXES)]  # fmt: skip
    return [*rows, {**rows[0], "axis": "all", "skill_after": whole * stays}]


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
        "skill_beyond_stress": ("Skill beyond stress", "stress", lambda g: _axes(0.5 if g is None else 0.4, g or 0.8)),
        "target_pathway": ("Expected pathway", "pathway", lambda g: _expectations(g)),
        "known_pairs": ("Known pairs", "pathway", lambda g: _matrix(g)),
        "inhibitor_analogue": ("Inhibitor and knock-down", "modality", lambda g: _analogues(names, g)),
        "variance_shares": ("Shares of variance", "attribution", lambda g: _shares(g and 0.6 * g)),
    }
    rows = [
        _find("moa_beyond_chemistry", "Mechanism beyond chemistry", "mechanism", "NA",
              "Not measurable: no table of mechanisms."),
        _find("self_knockdown", "Knocked-down genes fall", "universal", "NA", "Not assessable: no gene is silenced."),
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
