"""A synthetic assessment with known contents: four models, four different ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.report import ends, story
from vcassay.record import (
    AssessmentRecord,
    AssessmentWriter,
    CeilingRecord,
    ComparisonRecord,
    ScoreRecord,
    SkillRecord,
    StratumRecord,
)

HOSTILE = "<script>alert(1)</script>"
STRATA = ("null", "weak", "medium", "strong")
EDGES = (0.012, 0.05, 0.12)
KEY = ["context", "perturbation", "dose", "time", "stratum"]


@dataclass(frozen=True)
class Planted:
    """A record and the tables it was worked out from."""

    record: AssessmentRecord
    conditions: pd.DataFrame
    scores: pd.DataFrame
    genes: pd.DataFrame | None = None

    def write(self, folder: Path) -> Path:
        writer = AssessmentWriter(folder)
        writer.json("assessment.json", self.record)
        writer.json("manifest.json", ends.manifest())
        writer.table("conditions.parquet", self.conditions)
        writer.table("scores.parquet", self.scores)
        if self.genes is not None:
            writer.table("genes.parquet", self.genes)
        return folder


def conditions_table(
    rng: np.random.Generator, train: tuple[str, ...], test: tuple[str, ...], names: list[str], doses: tuple[float, ...]
) -> pd.DataFrame:
    """Every perturbation at every dose in every context; the test contexts are held out."""
    rows = [(c, p, d) for c in (*train, *test) for p in names for d in doses]
    frame = pd.DataFrame(rows, columns=["context", "perturbation", "dose"])
    frame["time"] = 24.0
    frame["modality"] = "drug"
    frame["role"] = np.where(frame["context"].isin(test), "test", "train")
    frame["regime"] = np.where(frame["role"] == "test", "CEX", "")
    n = len(frame)
    strength = pd.Series(rng.lognormal(-2.6, 0.9, len(names)), index=names)
    dose_gain = (frame["dose"] / (frame["dose"] + 0.4)).to_numpy()
    true_effect = strength[frame["perturbation"]].to_numpy() * dose_gain * rng.lognormal(0, 0.25, n)
    e2 = true_effect**2 + rng.normal(0, 2.5e-4, n)
    frame["n_cells"] = rng.integers(40, 900, n)
    frame["n_control"] = 4200
    frame["effect"] = np.sign(e2) * np.sqrt(np.abs(e2))
    frame["e2"] = e2
    frame["p_value"] = np.clip(np.exp(-e2 / 2e-4), 1e-12, 1.0)
    frame["detectable"] = pd.array(frame["p_value"] < 0.02, dtype="boolean")
    frame["reliability"] = np.clip(e2 / (np.abs(e2) + 0.002) + rng.normal(0, 0.05, n), -0.2, 0.99)
    frame["stratum"] = [STRATA[int(np.searchsorted(EDGES, x))] for x in frame["effect"]]
    blind = rng.random(n) < 0.01
    frame.loc[blind, "stratum"] = "unassessed"
    frame.loc[blind, ["effect", "e2", "p_value", "reliability"]] = np.nan
    frame.loc[blind, "detectable"] = pd.NA
    frame["batch_matched"] = rng.random(n) < 0.96
    frame["moa"] = [f"MoA {i % 9}" for i in range(n)]
    return frame


def score_values(rng: np.random.Generator, test: pd.DataFrame, share: float, metric: str) -> np.ndarray:
    """Planted values: `share` of what is attainable, with noise that every model shares through the condition."""
    ceiling = np.sqrt(np.clip(2 * test["reliability"] / (1 + test["reliability"]), 0, 1)).fillna(0).to_numpy()
    shared = np.random.default_rng(7).normal(0, 0.07, len(test))
    noise = shared + rng.normal(0, 0.05, len(test))
    if metric in ("pearson_delta", "pearson_delta_perturbed"):
        scale = 1.0 if metric == "pearson_delta" else 0.6
        return np.clip(share * ceiling * scale + noise, -1, 1)
    if metric == "nmse":
        return np.where(test["stratum"].eq("null"), np.nan, 1 - share**2 * ceiling + noise)
    if metric == "pds_cosine":
        return np.clip(0.5 + 0.5 * share * ceiling + noise, 0, 1)
    if metric == "magnitude_log2":
        return -0.8 * (1 - share) + 3 * noise
    if metric == "null_effect":
        return np.where(test["stratum"].eq("null"), 0.3 * (1 - share) + noise, np.nan)
    return 0.97 + 0.02 * share + 0.05 * noise


def long_scores(rng: np.random.Generator, test: pd.DataFrame, shares: dict[str, tuple[float, str]]) -> pd.DataFrame:
    """One row a model, metric and condition; undefined values carry a reason, never a number."""
    parts = []
    for model, (share, role) in shares.items():
        for metric in story.METRICS:
            part = test[KEY].copy()
            part["value"] = score_values(rng, test, share, metric.name)
            missing = part["value"].isna()
            absent = np.zeros(len(test), dtype=bool)
            if role == "submission" and metric.name.startswith("pearson_delta"):
                absent = np.random.default_rng(11).random(len(test)) < 0.02
                part.loc[absent, "value"] = np.nan
            part["status"] = np.where(missing | absent, "undefined", "ok")
            part["reason"] = np.where(absent, "prediction is constant", np.where(missing, "truth has no effect", ""))
            parts.append(part.assign(model=model, role=role, metric=metric.name, level="condition"))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(n=1, low=np.nan, high=np.nan)


def aggregates(scores: pd.DataFrame) -> list[ScoreRecord]:
    """Means over conditions within a context, then over contexts, per stratum."""
    found = []
    for (model, metric), part in scores.groupby(["model", "metric"], sort=False):
        value, stratum = part["value"].to_numpy(), part["stratum"].to_numpy().astype(str)
        context, lost = part["context"].to_numpy().astype(str), (part["reason"] == "prediction is constant").to_numpy()
        known = np.isfinite(value)
        for name in ("all", "detectable", *STRATA):
            inside = {"all": np.ones(len(part), dtype=bool), "detectable": np.isin(stratum, STRATA[1:])}
            rows = inside.get(name, stratum == name)
            for where in (None, *sorted(set(context))):
                here = rows if where is None else rows & (context == where)
                ok = here & known
                means = [value[ok & (context == c)].mean() for c in sorted(set(context[ok]))]
                mean = float(np.mean(means)) if means else None
                half = 1.96 * float(value[ok].std(ddof=1)) / np.sqrt(ok.sum()) if ok.sum() > 2 else None
                chance = int((here & lost).sum())
                found.append(
                    ScoreRecord(
                        metric=metric,
                        model=model,
                        stratum=name,
                        context=where,
                        value=mean,
                        status="ok" if mean is not None else "undefined",
                        reason="" if mean is not None else f"{metric} is not defined on {name} effects",
                        n=int(ok.sum()) + chance,
                        n_truth_undefined=int((here & ~known).sum()) - chance,
                        n_at_chance=chance,
                        low=None if half is None or mean is None else mean - half,
                        high=None if half is None or mean is None else mean + half,
                        interval="these contexts",
                    )
                )
    return found


def oriented(scores: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Per model and metric, values over conditions with an effect, so that more is better."""
    up = {m.name: 1 if m.higher_is_better else -1 for m in story.METRICS if m.primary}
    rows = scores[scores["stratum"].isin(STRATA[1:]) & scores["metric"].isin(up)]
    parts = rows.groupby(["model", "metric"], sort=False)
    return {key: up[key[1]] * part.set_index(KEY)["value"] for key, part in parts}


def make(
    *,
    train: tuple[str, ...] = ("A549", "MCF7", "K562", "HepG2"),
    test: tuple[str, ...] = ("PC9", "HT-29"),
    n_perturbations: int = 58,
    doses: tuple[float, ...] = (0.05, 0.5, 5.0),
    hostile: bool = False,
    models: tuple[str, ...] = tuple(story.MODELS),
    light: bool = False,
) -> Planted:
    """Build the whole assessment; `light` keeps two baselines, for large screens."""
    rng = np.random.default_rng(3)
    names = story.drugs(n_perturbations)
    if hostile:
        names = [HOSTILE, '"><img src=x onerror=alert(1)>', "</script><b>bold</b>", *names[3:]]
        train = ("A549 & <i>co</i>", *train[1:])
    conditions = conditions_table(rng, train, test, names, doses)
    wanted = conditions[conditions["role"] == "test"].reset_index(drop=True)
    shares = {b.name: (story.SHARES[b.name], b.kind) for b in story.BASELINES if b.ran}
    if light:
        shares = {k: v for k, v in shares.items() if k in ("no_change", "additive")}
    shares |= {m: (story.SHARES[m], "submission") for m in models}
    scores = long_scores(rng, wanted, shares)
    rows = aggregates(scores)
    by_key = {(r.model, r.metric, r.stratum): r for r in rows if r.context is None}
    legal = [b.name for b in story.BASELINES if b.legal and b.ran and b.kind == "baseline" and b.name in shares]
    ceilings, comparisons, skills = [], [], []
    values = oriented(scores)
    primary = [m for m in story.METRICS if m.primary]
    for metric in primary:
        for stratum, value in zip(("all", "detectable", *STRATA), story.CEILINGS[metric.name], strict=True):
            ceilings.append(
                CeilingRecord(
                    metric=metric.name,
                    stratum=stratum,
                    kind="perfect model",
                    value=value,
                    low=None if value is None else value - 0.03,
                    high=None if value is None else value + 0.03,
                    reason="" if value is not None else "no effect, so nothing to reproduce",
                )
            )
        for model in models:
            mine = values[model, metric.name]
            gaps = {}
            for name in legal:
                gap = (mine - values[name, metric.name]).dropna()
                if len(gap) < 2:
                    continue
                se = float(gap.std() / np.sqrt(len(gap)))
                mean = float(gap.mean())
                gaps[name] = mean
                comparisons.append(
                    ComparisonRecord(
                        model=model,
                        baseline=name,
                        metric=metric.name,
                        family=metric.family,
                        difference=mean,
                        low=mean - 1.96 * se,
                        high=mean + 1.96 * se,
                        se=se,
                        interval="these contexts",
                        n=len(gap),
                        better=mean - 1.96 * se > 0,
                        worse=mean + 1.96 * se < 0,
                        p_value=0.0004 if mean > 2 * se else 0.41,
                    )
                )
            best = min(gaps, key=gaps.__getitem__)
            score = by_key[(model, metric.name, "detectable")].value
            base = by_key[(best, metric.name, "detectable")].value
            ceiling = story.CEILINGS[metric.name][1]
            refused = "the test contexts cannot resolve it" if model == "Tabula-mini" else ""
            skill = None if refused or ceiling is None else (score - base) / (ceiling - base)
            skills.append(
                SkillRecord(
                    model=model,
                    metric=metric.name,
                    family=metric.family,
                    score=score,
                    baseline=best,
                    baseline_score=base,
                    ceiling=ceiling,
                    ceiling_kind="perfect model",
                    skill=skill,
                    low=None if skill is None else skill - 0.08,
                    high=None if skill is None else skill + 0.08,
                    span=None if ceiling is None else ceiling - base,
                    span_se=0.02,
                    resolvable=0.08,
                    refused=refused,
                )
            )
    strata = tuple(
        StratumRecord(
            name=name,
            n=int((wanted["stratum"] == name).sum()),
            effect_low=low,
            effect_high=high,
            reliability=None if pd.isna(r := wanted.loc[wanted["stratum"] == name, "reliability"].mean()) else float(r),
            ceiling=dict(zip(STRATA, story.CEILINGS["pearson_delta"][2:], strict=True)).get(name),
        )
        for name, low, high in zip((*STRATA, "unassessed"), (None, *EDGES, None), (*EDGES, None, None), strict=True)
    )
    record = ends.tell(
        screen=story.screen(conditions, strata),
        claim=story.claim(conditions, train, test, names),
        findings=story.findings(names, test, models),
        ceilings=tuple(ceilings),
        scores=tuple(rows),
        comparisons=tuple(comparisons),
        skills=tuple(skills),
        models=models,
        hostile=HOSTILE if hostile else "",
    )
    return Planted(record, conditions, scores)


@pytest.fixture(scope="session")
def planted() -> Planted:
    """The assessment most tests read; its labels are hostile."""
    return make(hostile=True)


@pytest.fixture(scope="session")
def plant() -> Callable[..., Planted]:
    """Build another one."""
    return make


@pytest.fixture
def folder(planted: Planted, tmp_path: Path) -> Path:
    """The assessment on disk."""
    return planted.write(tmp_path / "assessment")
