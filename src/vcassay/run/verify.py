"""Verify: a stored assessment's hashes and verdicts."""

from __future__ import annotations

from pathlib import Path

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256
from vcassay.record import read_assessment
from vcassay.record.assessment import ManifestRecord
from vcassay.record.codec import load_json
from vcassay.verdict import decide


def verify(folder: Path) -> list[str]:
    """Check every stored file against the manifest and derive every verdict again.

    An input that still lies where it was read must be the file that was assessed; one that is gone is
    passed over, so that an assessment can be verified elsewhere.

    Returns
    -------
    One sentence a problem; none if the assessment holds.

    Raises
    ------
    InputError
        If the directory holds no assessment, or one that was not written to its end.
    """
    record = read_assessment(folder)
    if not (folder / "manifest.json").is_file():
        mend = "run `vcassay assess` again: it resumes"
        raise InputError("holds no manifest.json, so it was not written to its end", where=str(folder), mend=mend)
    manifest = load_json(folder / "manifest.json", ManifestRecord)
    problems = []
    for name, wanted in sorted(manifest.outputs.items()):
        path = folder / name
        if not path.is_file():
            problems.append(f"{path} is missing.")
        elif file_sha256(path) != wanted:
            problems.append(f"{path} is not the file that was written: its hash differs from the manifest's.")
    for name, wanted in sorted(manifest.inputs.items()):
        if Path(name).exists() and file_sha256(Path(name)) != wanted:
            problems.append(f"{name} is not the file that was assessed: it has changed since.")
    for model in record.models:
        again = decide(record, model.name)
        if model.verdict != again:
            problems.append(
                f"The verdict on '{model.name}' does not follow from the stored evidence: it should be '{again.level}'."
            )
    return problems
