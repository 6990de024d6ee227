"""The names by which a check, metric, baseline or diagnostic asks for what it needs.

Only the names live here: `vcassay.run` provides the objects and schedules by what is named.
"""

from __future__ import annotations

VOCABULARY = {
    "screen": "the measured rows with their design",
    "conditions": "the table of measured conditions",
    "design": "which obs column is which part of the experiment",
    "split": "role of every condition",
    "claim": "novelty, regime and what is granted",
    "effects": "measured effects, halves, reliability, strata",
    "answer": "one model's predicted effects of the test conditions (asked for: runs once a model)",
    "answers": "every model, baseline, probe and reference by name",
    "lookups": "baselines that copy what is most alike in training, and why some could not run",
    "disclosure": "what the authors of that model declare",
    "materials": "the files that this disclosure names, read",
    "knowledge": "gene features and other resources handed in",
    "scores": "per-condition and aggregate scores of every answer, with ceilings",
    "bench": "the test conditions with what is known of their agents; the truth, every model and the best baselines",
    "without_genetic": "answers learnt without the genetic perturbations, by the name of the answer learnt with them",
    "permuted_genetic": "baselines' answers learnt with genetic effects under other genes' names, by the same names",
    "rng": "a random generator of its own, seeded by the study's seed and the check's name",
}
"""Argument name to what it is."""

PER_MODEL = frozenset({"answer", "disclosure", "materials"})
"""Asking for one of these makes a check run once for each submission."""
