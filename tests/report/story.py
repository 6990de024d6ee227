"""The words of the synthetic assessment: a drug screen, two unseen lines, four models with different ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.report.biology import biology_findings
from vcassay.record import (
    BaselineRecord,
    ClaimRecord,
    FindingRecord,
    ScreenRecord,
    StratumRecord,
)
from vcassay.record.base import Reasoned
from vcassay.record.claim import ApplicationRecord, NoveltyRecord
from vcassay.record.evidence import MetricRecord

SHARES = {
    "no_change": 0.0,
    "perturbed_mean": 0.36,
    "perturbation_mean": 0.55,
    "additive": 0.62,
    "linear_pca": 0.58,
    "nearest_context": 0.66,
    "context_regression": 0.69,
    "perturbed_mean_oracle": 0.60,
    "cell_count_probe": 0.31,
    "replicate": 0.88,
    "Kestrel-2": 0.80,
    "PertFormer-XL": 0.69,
    "EchoCell": 0.97,
    "Tabula-mini": 0.68,
}

MODELS = ("Kestrel-2", "PertFormer-XL", "EchoCell", "Tabula-mini")

CEILINGS: dict[str, tuple[float | None, ...]] = {
    "pearson_delta": (0.71, 0.86, None, 0.68, 0.89, 0.97),
    "nmse": (None, 0.02, None, 0.03, 0.02, 0.01),
    "pds_cosine": (0.86, 0.93, None, 0.85, 0.94, 0.98),
}


def _metric(
    name: str, title: str, family: str, optimum: float, chance: float | None, *, up: bool, primary: bool = False
) -> MetricRecord:
    summaries = {
        "pearson_delta": "Correlation of predicted and measured change from the matched control, over scored genes.",
        "nmse": "Squared error over squared effect, both freed of sampling noise: no change is 1, perfect is 0.",
        "pds_cosine": "Share of the other perturbations that lie farther from the prediction than the right one.",
        "mse_raw": "Mean squared error of expression itself: mostly cell identity. Kept to show why not.",
    }
    return MetricRecord(
        name=name,
        title=title,
        family=family,
        optimum=optimum,
        chance=chance,
        higher_is_better=up,
        primary=primary,
        summary=summaries.get(name, f"{title}."),
        source="methods 4",
    )


METRICS = (
    _metric("pearson_delta", "Pearson of the effect", "correlation", 1.0, 0.0, up=True, primary=True),
    _metric("pearson_delta_perturbed", "Pearson against the perturbed mean", "correlation", 1.0, 0.0, up=True),
    _metric("nmse", "Noise-corrected error", "error", 0.0, None, up=False, primary=True),
    _metric("pds_cosine", "Retrieval of the perturbation", "retrieval", 1.0, 0.5, up=True, primary=True),
    _metric("magnitude_log2", "Log ratio of magnitudes", "magnitude", 0.0, None, up=False),
    _metric("null_effect", "Effect predicted where there is none", "null", 0.0, None, up=False),
    _metric("mse_raw", "Error of raw expression", "raw", 0.0, None, up=False),
    _metric("pearson_raw", "Pearson of raw expression", "raw", 1.0, None, up=True),
)


def _rung(name: str, title: str, tier: str, *, kind: str = "baseline", why: str = "", **more: Any) -> BaselineRecord:
    given: dict[str, Any] = {
        "summary": f"{title}.",
        "source": "methods 12",
        "reads": ("train_effects",),
        "legal": not why,
        "why": why,
        "ran": True,
        "n_predicted": 348,
    }
    return BaselineRecord(name=name, title=title, tier=tier, kind=kind, **(given | more))


BASELINES = (
    _rung("no_change", "No change (control)", "T0"),
    _rung("perturbed_mean", "Mean of all training effects", "T1"),
    _rung("perturbation_mean", "Mean effect of the same drug", "T1"),
    _rung(
        "perturbed_mean_oracle",
        "Mean effect in the test line",
        "T1",
        why="reads effects of the test contexts, which this claim calls unseen",
    ),
    _rung("additive", "Additive: context + drug", "T2"),
    _rung("linear_pca", "Linear map on gene loadings", "T2"),
    _rung("nearest_context", "Nearest context by control profile", "T3"),
    _rung("context_regression", "Ridge from control profile", "T3", fallback="perturbation mean for 4 drugs"),
    _rung(
        "moa_mean",
        "Mean effect of the same mechanism",
        "T3",
        why="needs a table of mechanisms: hand in knowledge.compounds",
        ran=False,
        n_predicted=0,
    ),
    _rung(
        "cell_count_probe",
        "Cell count of the test template",
        "T4",
        kind="probe",
        why="reads cell counts of the test conditions, which carry the answer",
    ),
    _rung("replicate", "Technical replicate", "T4", kind="reference", why="is the truth measured a second time"),
)


def drugs(n: int) -> list[str]:
    names = (
        "trametinib dinaciclib vorinostat bortezomib JQ1 gefitinib dasatinib imatinib paclitaxel doxorubicin "
        "everolimus olaparib palbociclib panobinostat selumetinib venetoclax sorafenib lapatinib crizotinib "
        "ruxolitinib tofacitinib bosutinib ponatinib nilotinib erlotinib afatinib vemurafenib dabrafenib "
        "cobimetinib alpelisib idelalisib copanlisib rapamycin torin-2 AZD8055 tanespimycin luminespib "
        "carfilzomib ixazomib belinostat entinostat romidepsin decitabine azacitidine gemcitabine cytarabine "
        "fludarabine methotrexate topotecan irinotecan etoposide colchicine vincristine docetaxel ixabepilone "
        "allopurinol metformin aspirin"
    )
    known = names.split()
    return (known + [f"compound {i:04d}" for i in range(max(0, n - len(known)))])[:n]


def screen(conditions: pd.DataFrame, strata: tuple[StratumRecord, ...]) -> ScreenRecord:
    contexts = tuple(sorted(conditions["context"].unique()))
    return ScreenRecord(
        name="demo drug screen",
        path="screen.h5ad",
        rows="cells",
        readout="counts",
        n_rows=412_388,
        n_genes=18_211,
        n_scored_genes=7_402,
        scored_genes_rule="expressed in at least 5 % of control or training cells; targets of the panel left out",
        n_conditions=len(conditions),
        n_contexts=len(contexts),
        n_perturbations=int(conditions["perturbation"].nunique()),
        n_batches=24,
        n_control_rows=50_400,
        contexts=contexts,
        profile="log1p of 10,000 x summed counts / total",
        target_sum=10_000.0,
        controls="DMSO of the same context and plate; a quarter is reserved for scoring",
        control_match_share=0.962,
        n_detectable=int(conditions["detectable"].sum()),
        n_assessed=int(conditions["effect"].notna().sum()),
        expected_false=14.2,
        reliability=0.61,
        reliability_full=0.76,
        strata=strata,
        matched_columns={"perturbation": "drug", "context": "cell_line", "dose": "dose_uM", "batch": "plate"},
        notes=(Reasoned(sentence="38 conditions fell back to pooled controls.", reason="their plate has no DMSO"),),
    )


def claim(conditions: pd.DataFrame, train: tuple[str, ...], test: tuple[str, ...], names: list[str]) -> ClaimRecord:
    n_test = int((conditions["role"] == "test").sum())
    return ClaimRecord(
        text="Predicts how any cell line responds to a known drug.",
        use="screening",
        declared="AEX",
        regime="CEX",
        sentence=(
            f"Predicts the transcriptional effect of {len(names)} drugs that were seen in other lines, "
            f"in {len(test)} lines of which only untreated cells were seen."
        ),
        novelty=(
            NoveltyRecord(
                regime="CEX",
                n=n_test,
                share=1.0,
                perturbation="seen",
                context="unseen",
                pairing="every test drug was seen in four other lines",
                batch="no test plate holds training conditions",
                pretraining="unknown",
            ),
        ),
        supports=(
            Reasoned(sentence="Ranking seen drugs in new lines like these.", reason="both test lines are held out"),
            Reasoned(sentence="Filling the gaps of a screen over lines.", reason="every drug was seen elsewhere"),
        ),
        does_not_support=(
            Reasoned(sentence="New compounds.", reason="every test drug is in training"),
            Reasoned(sentence="Combinations.", reason="the screen holds single drugs only"),
            Reasoned(sentence="Primary cells or patients.", reason="all contexts are cell lines"),
        ),
        scope=(
            Reasoned(sentence="Two test contexts.", reason="intervals are conditional on PC9 and HT-29"),
            Reasoned(sentence="One time point, 24 h.", reason="later effects were not measured"),
        ),
        applications=(
            ApplicationRecord(use="screening in new lines", fit="direct", reason="the context is what is new"),
            ApplicationRecord(use="selectivity", fit="partial", reason="two lines cannot show selectivity"),
            ApplicationRecord(use="new compounds", fit="none", reason="no compound is held out"),
        ),
        grants=("train_effects", "target_controls", "perturbation_elsewhere"),
        n_train=int((conditions["role"] == "train").sum()),
        n_val=0,
        n_test=n_test,
        n_excluded=0,
        contexts_train=train,
        contexts_test=test,
        n_perturbations_train=len(names),
        n_perturbations_test=len(names),
        shots=None,
        shots_share=None,
        sha256="9f2c" + "0" * 60,
    )


def _find(check: str, title: str, status: str, sentence: str, **more: Any) -> FindingRecord:
    return FindingRecord(check=check, title=title, status=status, sentence=sentence, **more)


def _dose_rows(names: list[str], context: str, gain: float) -> tuple[dict[str, Any], ...]:
    rng = np.random.default_rng(5)
    rows = []
    for name in names[:8]:
        top = rng.uniform(0.3, 1.4)
        for dose in (0.05, 0.5, 5.0):
            truth = top * dose / (dose + 0.3)
            rows.append(
                {
                    "perturbation": name,
                    "context": context,
                    "dose": dose,
                    "truth": truth,
                    "low": truth - 0.08,
                    "high": truth + 0.08,
                    "model": truth * gain + rng.normal(0, 0.05),
                }
            )
    return tuple(rows)


def findings(names: list[str], test: tuple[str, ...], models: tuple[str, ...]) -> tuple[FindingRecord, ...]:
    rows = [
        _find("L01", "Condition in two roles", "PASS", "No test condition is in training.", value=0, threshold=0),
        _find("L02", "Controls among test rows", "PASS", "No control is labelled as test.", value=0, threshold=0),
        _find("L05", "Dose siblings", "NA", "Does not apply: the contexts are what is new.", value=None),
        _find(
            "L06",
            "Same compound under two names",
            "WARN",
            "2 drugs are salts of each other across roles.",
            value=2,
            null=0,
            threshold=0,
            evidence=({"test": names[0], "train": "trametinib (DMSO_TF)", "key": "LIRYPHYGHXZJBZ"},),
            remedy="Put salts of one parent into one group of the split.",
        ),
        _find("L10", "Related contexts", "PASS", "No test line shares a donor with a training line."),
        _find(
            "L13",
            "Batch confounding",
            "PASS",
            "Batch alone reaches 0.03 of the score.",
            value=0.03,
            null=0.0,
            threshold=0.5,
        ),
        _find(
            "L20",
            "Cell count follows effect size",
            "WARN",
            "Cell count and effect size correlate at -0.31 over test conditions.",
            value=-0.31,
            null=0.0,
            threshold=0.2,
            remedy="Give models an equal count for every condition.",
        ),
        _find(
            "M28",
            "A metric that sabotage can raise",
            "FAIL",
            "Raw-space correlation rates no change at 0.97.",
            value=0.97,
            null=0.5,
            threshold=0.9,
            family="metrics",
            evidence=({"metric": "pearson_raw", "sabotage": "no_change", "score": 0.97},),
            remedy="Do not read raw-space metrics as evidence.",
        ),
        _find(
            "dose_response",
            "Dose response",
            "PASS",
            "41 of 58 drugs have an ordered response in the truth.",
            value=0.71,
            null=0.17,
            family="biology",
            room="dose",
        ),
    ]
    gains = dict(zip(MODELS, (0.95, 0.55, 1.02, 0.8), strict=True))
    rows += biology_findings(names, models, gains)
    for model in models:
        rows.append(
            _find(
                "dose_response",
                "Dose response",
                "WARN" if gains[model] < 0.6 else "PASS",
                f"Response rises with dose in {round(60 * gains[model])} % of drugs that rise in the truth.",
                value=min(1.0, gains[model]),
                null=0.17,
                threshold=0.6,
                model=model,
                family="biology",
                room="dose",
                evidence=_dose_rows(names, test[0], gains[model]),
            )
        )
        seen = model == "EchoCell"
        rows.append(
            _find(
                "L27",
                "Test cells seen in training",
                "FAIL" if seen else "PASS",
                "Closer to one half of the test cells than to the other (p < 0.001)."
                if seen
                else "Equally far from both halves of the test cells.",
                value=0.19 if seen else 0.01,
                null=0.0,
                threshold=0.05,
                model=model,
                blocks=True,
                evidence=({"context": test[0], "half_a": 0.97, "half_b": 0.78, "n": 174},) if seen else (),
                remedy="Train again without the test cells." if seen else "",
            )
        )
        declared = model in ("Kestrel-2", "Tabula-mini")
        rows.append(
            _find(
                "L21",
                "Pretraining corpus",
                "PASS" if declared else "UNKNOWN",
                "The corpus does not hold this screen." if declared else "The corpus is not declared.",
                model=model,
                question="" if declared else "Which data sets was the model pretrained on, and which release?",
            )
        )
    return tuple(rows)
