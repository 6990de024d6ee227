"""Verify: a stored assessment's hashes and verdicts."""

from __future__ import annotations

from pathlib import Path

from vcassay.record import AssessmentWriter, read_assessment
from vcassay.record.assessment import ManifestRecord
from vcassay.record.codec import load_json
from vcassay.verdict import decide


def verify(folder: Path) -> list[str]:
    """Check every stored file against the manifest and derive every verdict again.

    Returns
    -------
    One sentence a problem; none if the assessment holds.

    Raises
    ------
    InputError
        If the directory holds no assessment.
    """
    record = read_assessment(folder)
    manifest = load_json(folder / "manifest.json", ManifestRecord)
    now = AssessmentWriter(folder).hashes()
    problems = []
    for name, wanted in sorted(manifest.outputs.items()):
        if name not in now:
            problems.append(f"{folder / name} is missing.")
        elif now[name] != wanted:
            problems.append(f"{folder / name} is not the file that was written: its hash differs from the manifest's.")
    for model in record.models:
        again = decide(record, model.name)
        if model.verdict != again:
            problems.append(
                f"The verdict on '{model.name}' does not follow from the stored evidence: it should be '{again.level}'."
            )
    return problems
