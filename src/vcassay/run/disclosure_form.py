"""Disclosure form: every entry of a disclosure, commented out, for somebody to fill in."""

from __future__ import annotations

from pathlib import Path

from vcassay.run.cache import whole
from vcassay.run.disclosures import SCHEMA

ENTRIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("What it reads of a condition: target_gene, smiles, dose, batch, n_cells, control_expression ...",),
        'inputs = [{ name = "target_gene", why = "" }]',
    ),
    (("Which control cells it saw: training, all, none.",), 'controls = "training"'),
    (
        (
            "Graphs of perturbations. built_from: all genes, all compounds, training, benchmark, unknown.",
            'Add released = 2024-01-31, file = "edges.csv".',
        ),
        'graphs = [{ name = "STRING", built_from = "all genes", why = "" }]',
    ),
    (
        (
            "Prior features. kind: annotation, network, structure, text, embedding, response, unknown. assay of",
            "responses: same, other, none, unknown. access: public, proprietary, unknown. holds_test: of responses",
            'to test perturbations or in test contexts. Add released = 2024-01-31, file = "features.csv".',
        ),
        'priors = [{ name = "GO", kind = "annotation", access = "public", holds_test = false, why = "" }]',
    ),
    (
        (
            "Pretraining corpora, by accession. perturbed: it holds perturbed cells, holds_test: of test perturbations",
            'or test contexts. Add contexts = ["K562"], released = 2024-01-31, barcodes = "barcodes.md5" (of each,',
            "an MD5 or the barcode, one a line).",
        ),
        'pretraining = [{ name = "CELLxGENE", accessions = ["GSE0"], perturbed = true, holds_test = false, why = "" }]',
    ),
    (
        ('On which data genes were chosen: training, all, test, published, none. Add file = "genes.txt".',),
        'genes = { data = "training", why = "" }',
    ),
    (("On which data scalers and components were fitted.",), 'scaling = { data = "training", why = "" }'),
    (
        ("By what conditions were left out, and how many test conditions that took away.",),
        'filters = [{ by = "effect size", dropped = 0, why = "" }]',
    ),
    (("On which data variants and checkpoints were chosen: validation, test, none ...",), 'selection = "validation"'),
    (("How often the test set was scored while the model was made, the final score included.",), "looks = 1"),
    (("Predictions of it or its variants that were scored on the test set in public.",), "submissions = 0"),
    (("Its loss or negative log-likelihood of single cells: columns cell and loss.",), 'losses = "losses.csv"'),
    (("Reasons for entries that are one word or number.",), 'why = { selection = "" }'),
)
"""What is asked, and an answer as it would be written."""
HEAD = (
    "# Take the # off an answer and write yours; `why` has room for a reason. An empty list says that there was none.",
    "# What stays as it is counts as not declared.",
)


def form_lines() -> list[str]:
    """Every entry: what is asked (``##``), and an answer, commented out."""
    return [line for asked, entry in ENTRIES for line in (*(f"## {a}" for a in asked), f"# {entry}")]


def write_form(path: Path) -> None:
    """Write a disclosure that stands alone, to be sent to a model's authors."""
    lines = [
        "# What the model was given, as its authors declare it. Paths start from this file.",
        *HEAD,
        f'schema = "{SCHEMA}"',
        "",
        *form_lines(),
        "",
    ]
    with whole(path) as part:
        part.write_text("\n".join(lines), encoding="utf-8")
