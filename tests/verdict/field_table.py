"""How well each part of each card is known, and every number on the cards: transcribed apart from the cards.

Tags: R read, S second-hand, M recalled, I inferred or counted, - nothing stated; several where facts of a part differ.
"""

from __future__ import annotations

PARTS = ("claim", "data", "split", "metrics", "baselines", "leakage", "biology", "code")

KNOWN: dict[str, str] = {
    "cpa": "M M M M M M M R",
    "chemcpa": "M M R M M I M R",
    "gears": "M R R R M R M R",
    "biolord": "M M M M M I M R",
    "sams-vae": "M M M M M I M R",
    "scgpt": "M R R R M RS M R",
    "scfoundation": "M R R R M R - R",
    "geneformer": "M M R R R RI M RM",
    "uce": "M M R R R RI M RM",
    "transcriptformer": "M M R R R RI M RM",
    "aido-cell": "M M R R R RI M RM",
    "sclambda": "M M M M M I M R",
    "genepert": "R R R R R I - R",
    "cellflow": "S S S M M I M R",
    "presage": "R R R R R R R R",
    "lpm": "R R R R R R R R",
    "txpert": "S R R R R R S R",
    "pertadapt": "S R R S S I - R",
    "state": "R R R R R RI R R",
    "stack": "R R M M M I - R",
    "tahoe-x1": "R R R R R RI R R",
    "x-cell": "R R S S S R R R",
    "rbio": "R S S S S RI M R",
    "c2s-scale": "M M M M M I M R",
    "morph": "S S S S S I - RS",
    "scdfm": "S S S S S I - RS",
    "adapert": "S S S S S I - RS",
    "scale": "S S S S S I - RS",
    "cfm-gp": "S S S S S I - RS",
    "xpert": "S S S S S I - RS",
    "l1000-models": "S S S S S S - -",
    "primeflow": "S R R R S RS - S",
    "vcc-2025-entries": "S R R R S RS - S",
    "vcc-2025-simple": "S R R R S RS - S",
    "op3-ensembles": "R R M R R R - R",
    "genbio-fusion": "R R R R R R - R",
}
"""File name of the card to a tag for each of `PARTS`."""

NUMBERS: dict[str, tuple[tuple[str, float, float | None, float | None], ...]] = {
    "cpa": (("cosine of log fold changes", 0.76, 0.60, None),),
    "sams-vae": (("cosine of log fold changes", 0.78, 0.60, None),),
    "gears": (
        ("Pearson delta", 0.638, 0.902, None),
        ("Pearson delta", 0.803, 0.773, None),
        ("L2 error, 1,000 genes", 4.28, 4.56, None),
        ("L2 error", 4.85, 4.650, 4.569),
        ("cosine of log fold changes", 0.44, 0.60, None),
    ),
    "scgpt": (
        ("Pearson delta", 0.554, 0.663, None),
        ("Pearson delta", 0.642, 0.753, None),
        ("Pearson delta", 0.530, 0.902, None),
    ),
    "scfoundation": (("Pearson delta", 0.574, 0.902, None),),
    "state": (
        ("DE Spearman", 0.710, 0.516, None),
        ("DE Spearman", 0.554, 0.501, None),
        ("DE Spearman", 0.480, 0.501, None),
        ("Pearson delta", 0.380, 0.269, None),
        ("PDS", 0.724, 0.651, None),
        ("overlap at N", 0.176, 0.112, None),
        ("Pearson delta", 0.462, 0.514, None),
        ("PDS", 0.868, 0.740, None),
        ("overlap at N", 0.255, 0.102, None),
        ("MAE", 0.029, 0.014, None),
    ),
    "l1000-models": (("Pearson", 0.60, None, None), ("Pearson", 0.79, None, None)),
    "op3-ensembles": (("row-wise Pearson", 0.491, 0.297, None), ("RMSE", 0.756, 0.918, None)),
    "genbio-fusion": (
        ("L2 error", 5.989, 6.155, 5.787),
        ("Pearson delta", 0.362, 0.369, None),
        ("F1 of responding genes", 0.593, 0.539, 0.768),
        ("F1 of responding genes", 0.535, 0.539, 0.768),
    ),
}
"""File name of the card to metric, value, baseline and ceiling of each of its results; other cards have none."""

NOT_QUOTED = frozenset({0.711, 0.557, 0.373, 0.628, 0.552, 0.459, 0.269, 0.471, 0.327, 0.65})
"""Recalled values of the training mean, of scFoundation, of scGPT on K562, and a value of TxPert: not to be given."""
