"""A card with which nothing is wrong, and ways to take one thing away from it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from vcassay.record.card import Card
from vcassay.run.review import parse_card

IDEAL: dict[str, Any] = {
    "schema": "vcassay.card/1",
    "name": "Clear",
    "evidence": "read",
    "confidence": "high",
    "claim": {"text": "Predicts knock-downs in cell lines that were never perturbed.", "use": "selectivity"},
    "availability": {"code": "https://example.org/clear", "licence": "MIT", "weights": "open"},
    "disclosure": {
        "inputs": ["target gene", "control expression"],
        "controls": "training",
        "graphs": [],
        "priors": [{"name": "GO", "kind": "annotation", "access": "public"}],
        "pretraining": [],
        "genes": "training",
        "scaling": "training",
        "filters": [],
        "selection": "validation",
        "looks": 1,
    },
    "benchmark": [
        {
            "dataset": "a screen of 52 lines",
            "strata": [
                {"regime": "CEX", "contexts_train": 40, "contexts_test": 12, "perturbations": 300, "paired": 1.0}
            ],
            "modality": "CRISPRi",
            "truth": "private",
            "seeds": 3,
            "intervals": "contexts",
            "metrics": [{"name": "Pearson delta", "by_strength": True}, {"name": "nMSE", "metric": "nmse"}],
            "baselines": [
                "no change",
                "perturbation mean",
                "additive",
                "nearest cell line",
                {"name": "split half", "tier": "T4"},
            ],
            "results": [
                {
                    "metric": "Pearson delta",
                    "value": 0.6,
                    "low": 0.55,
                    "high": 0.65,
                    "against": "additive",
                    "baseline": 0.45,
                    "ceiling": 0.8,
                },
                {
                    "metric": "nMSE",
                    "value": 0.5,
                    "low": 0.45,
                    "high": 0.55,
                    "against": "nearest cell line",
                    "baseline": 0.7,
                },
            ],
        }
    ],
    "leakage": [
        {"check": check, "status": "excluded", "sentence": sentence}
        for check, sentence in (
            ("L10", "Lines of one donor were held out together."),
            ("L15", "Scoring has controls of its own."),
            ("L24", "With shuffled targets the score falls to that of the mean."),
            ("L24c", "With exchanged contexts it falls to that of the perturbation mean."),
        )
    ],
    "diagnostic": [
        {"room": room, "shown": "measured", "sentence": "Beside shuffled labels."}
        for room in ("stress", "pathway", "attribution", "specificity", "universal")
    ],
}
"""Better than every legal baseline, below its ceiling, with everything declared: supported."""


def ideal() -> dict[str, Any]:
    """A copy to change."""
    return deepcopy(IDEAL)


def read(data: dict[str, Any]) -> Card:
    """The card of plain data."""
    return parse_card(data, "card.toml")
