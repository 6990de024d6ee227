"""Verify: a stored assessment's hashes, and whatever follows from its stored evidence; a comparison's sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256, versions
from vcassay.record import LeaderboardRecord, SourceRecord, load_json, read_assessment, read_manifest
from vcassay.record.assessment import AssessmentRecord, ManifestRecord
from vcassay.report.card import card_yaml
from vcassay.report.html import render_html
from vcassay.report.markdown import render_markdown
from vcassay.run.compare import compare_assessments
from vcassay.run.rederive import rederive, same
from vcassay.run.restored import read_directory
from vcassay.verdict import decide

TABLES = ("conditions.parquet", "scores.parquet")
PAGES = ("report.md", "report.html", "card.yml")
"""Rendered files, whose hashes the manifest does not hold."""
LIBRARY = re.compile(r'<script type="module">.*?</script>|<meta http-equiv="Content-Security-Policy"[^>]*>', re.DOTALL)
"""Parts of a page that belong to the chart library and not to the evidence."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes
    ----------
    problems
        A sentence each; none if all holds.
    derived
        What was derived again, in words; empty where nothing could be.
    """

    problems: tuple[str, ...]
    derived: str = ""


def verify(folder: Path) -> list[str]:
    """Return the problems of an assessment directory (see `verify_assessment`)."""
    return list(verify_assessment(folder).problems)


def verify_assessment(folder: Path) -> Verified:
    """Check every stored file against the manifest and derive again what follows from the stored evidence.

    Verdicts from findings, comparisons and skills; these, scores, intervals and ranks from the per-condition values of
    scores.parquet, to 1e-9; findings on probes and sabotaged baselines from the same; and the rendered pages, if this
    version wrote them. What other findings say follows from data that the directory does not hold: of them the hash,
    and the order in which they are stored, vouch alone.

    An input that still lies where it was read must be the file that was assessed; one that is gone is
    passed over, so that an assessment can be verified elsewhere.

    Raises
    ------
    InputError
        If the directory holds no assessment, or one that was not written to its end.
    """
    record = read_assessment(folder)
    manifest = read_manifest(folder)
    problems = [*_outputs(folder, manifest), *_inputs(manifest)]
    for model in record.models:
        again = decide(record, model.name)
        if model.verdict != again:
            problems.append(
                f"The verdict on '{model.name}' does not follow from the stored evidence: it should be '{again.level}'."
            )
    if any(not _whole(folder, manifest, name) for name in TABLES):
        return Verified(tuple(problems))
    found = rederive(read_directory(folder))
    problems += found.problems
    if not problems:
        problems += _pages(folder, record, manifest)
    counted = ", ".join(f"{kind[0].lower()}{kind[1:]} ({n:,})" for kind, n in sorted(found.counts.items()) if n)
    return Verified(tuple(problems), f"Derived again from the stored tables and equal: {counted}." if counted else "")


def _outputs(folder: Path, manifest: ManifestRecord) -> Iterator[str]:
    for name, wanted in sorted(manifest.outputs.items()):
        path = folder / name
        if not path.is_file():
            yield f"{path} is missing."
        elif file_sha256(path) != wanted:
            yield f"{path} is not the file that was written: its hash differs from the manifest's."


def _inputs(manifest: ManifestRecord) -> Iterator[str]:
    for name, wanted in sorted(manifest.inputs.items()):
        if Path(name).exists() and file_sha256(Path(name)) != wanted:
            yield f"{name} is not the file that was assessed: it has changed since."


def _whole(folder: Path, manifest: ManifestRecord, name: str) -> bool:
    path = folder / name
    wanted = manifest.outputs.get(name)
    return path.is_file() and (wanted is None or file_sha256(path) == wanted)


def _pages(folder: Path, record: AssessmentRecord, manifest: ManifestRecord) -> Iterator[str]:
    """Rendered files that are not what this version renders from the stored evidence."""
    if manifest.versions.get("vcassay") != versions().get("vcassay"):
        return
    again: dict[str, Callable[[], str]] = {
        "report.md": lambda: render_markdown(record),
        "report.html": lambda: render_html(folder),
        "card.yml": lambda: card_yaml(record, manifest),
    }
    for name in PAGES:
        path = folder / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if LIBRARY.sub("", text) != LIBRARY.sub("", again[name]()):
                yield f"{path} is not what is rendered from the stored evidence: run `vcassay report {folder}`."


def verify_comparison(path: Path) -> Verified:
    """Check the hashes of the assessments that a comparison was made of, and make it again.

    Parameters
    ----------
    path
        A comparison as ``vcassay compare -o NAME.json`` writes it. Directories are looked for from the working
        directory, then from the folder of the file.

    Raises
    ------
    InputError
        If a directory is missing.
    """
    record = load_json(path, LeaderboardRecord)
    problems = []
    folders = [_folder(source, path) for source in record.sources]
    for source, folder in zip(record.sources, folders, strict=True):
        stored = {"assessment.json": source.assessment, TABLES[0]: source.conditions, TABLES[1]: source.scores}
        for name, wanted in stored.items():
            if not (folder / name).is_file():
                problems.append(f"{folder / name} is missing.")
            elif file_sha256(folder / name) != wanted:
                problems.append(f"{folder / name} is not the file that was compared: its hash differs.")
    if problems:
        return Verified(tuple(problems))
    try:
        again = _compare_again(record, folders)
    except InputError as error:
        return Verified((f"{path} cannot be made again: {error}",))
    named = {str(f): s.folder for f, s in zip(folders, record.sources, strict=True)}
    made, told = _plain(again, named), _plain(record, {})
    differing = sorted(name for name in made.keys() | told.keys() if not same(made.get(name), told.get(name)))
    if differing:
        problems.append(f"{path} does not follow from the assessments it names: {', '.join(differing)} differ.")
    return Verified(tuple(problems), "The comparison was made again from them and is the same.")


def _compare_again(record: LeaderboardRecord, folders: Sequence[Path]) -> LeaderboardRecord:
    return compare_assessments(
        folders,
        metrics=[board.metric.name for board in record.boards],
        reference=record.reference,
        common=bool(record.common),
    )


def _plain(record: LeaderboardRecord, named: Mapping[str, str]) -> dict[str, Any]:
    """Parts by name, without what depends on where the directories lie."""
    parts: dict[str, Any] = {
        n: getattr(record, n) for n in ("claim", "regime", "use", "screen", "reference", "seed", "draws")
    }
    for entry in record.entries:
        folder = named.get(entry.folder, entry.folder)
        parts[f"the entry of '{entry.label}'"] = entry.model_copy(update={"folder": folder}).model_dump()
    for board in record.boards:
        parts[f"the board of {board.metric.name}"] = board.model_dump()
    return parts


def _folder(source: SourceRecord, path: Path) -> Path:
    for folder in (Path(source.folder), path.parent / source.folder):
        if folder.is_dir():
            return folder
    mend = "run this where the comparison was made, or put the directories beside it"
    raise InputError(f"was made of {source.folder}, which is not here", where=str(path), mend=mend)
