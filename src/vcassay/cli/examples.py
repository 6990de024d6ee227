"""Examples: command lines that stand below the help of a verb."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "vcassay": (
        "vcassay demo --small",
        "vcassay init screen.h5ad predictions.h5ad",
        "vcassay assess study.toml",
        "vcassay review CARD.toml",
    ),
    "init": (
        "vcassay init screen.h5ad predictions.h5ad",
        "vcassay init screen.h5ad a.h5ad b.parquet --context cell_line --control DMSO",
        "vcassay init --disclosure model.toml",
    ),
    "claim": (
        "vcassay claim --protocol state-tahoe-fewshot",
        "vcassay claim --table conditions.csv --role-column split",
        "vcassay claim study.toml --picture claim.html",
    ),
    "split": (
        "vcassay split study.toml -o split.json",
        "vcassay split study.toml --folds 5 -o folds",
        "vcassay split study.toml --as cell-load -o split.toml",
    ),
    "audit": (
        "vcassay audit --table conditions.csv --expect DEX --compounds drugs.csv",
        "vcassay audit study.toml --strict",
    ),
    "task": ("vcassay task study.toml -o task --seal",),
    "assess": (
        "vcassay assess study.toml --quick",
        "vcassay --plugin metric.py assess study.toml -o assessment",
    ),
    "score": ("vcassay score adata_pred.h5ad adata_real.h5ad --profile cell-eval -o scores",),
    "report": ("vcassay report assessment --model-card README.md --model MODEL",),
    "compare": (
        "vcassay compare assessment-a assessment-b",
        "vcassay compare assessments/* --reference MODEL -o leaderboard.html",
    ),
    "verify": (
        "vcassay verify assessment",
        "vcassay verify leaderboard.json",
    ),
    "review": (
        "vcassay review --new card.toml",
        "vcassay review card.toml -o review.html",
    ),
    "field": (
        "vcassay field STATE",
        "vcassay field --regime CEX --html field.html",
    ),
    "list": ("vcassay list metrics",),
    "explain": (
        "vcassay explain pearson_delta",
        "vcassay explain L05",
        "vcassay explain cell-eval:pearson_delta",
    ),
    "datasets": (
        "vcassay datasets show tahoe-100m",
        "vcassay datasets fetch norman2019",
    ),
}
"""By verb; ``vcassay`` is what stands below the list of verbs."""


def epilog(verb: str) -> str | None:
    """The text below the help of a verb, its lines kept as they are; None where a verb has no examples."""
    lines = EXAMPLES.get(verb, ())
    return (
        "\n".join(("\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)))
        if lines
        else None
    )
