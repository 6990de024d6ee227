"""A disclosure in a file of its own goes through an assessment: judged, stored, hashed, and repeatable."""

from __future__ import annotations

import json

import anndata as ad

from vcassay.run.assess import assess
from vcassay.run.disclosures import disclosure_files, model_disclosure
from vcassay.run.study import read_study

DISCLOSURE = """selection = "validation"
looks = 3
graphs = [{ name = "net", built_from = "all genes", file = "edges.csv" }]
pretraining = [
  { name = "atlas", accessions = ["GSE1"], barcodes = "cells.txt" },
  { name = "ours", accessions = ["GSE999999"], why = "the public part" },
]

[why]
looks = "two were bugs"
"""


def test_what_a_file_declares_is_judged_stored_and_hashed(study, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "disclosure.toml").write_text(DISCLOSURE)
    names = ad.read_h5ad(tmp_path / "screen.h5ad").obs_names
    (theirs / "cells.txt").write_text("\n".join(names))
    (theirs / "edges.csv").write_text("a,b\n" + "".join(f"X{i},X{i + 1}\n" for i in range(40)))
    text = study.read_text().replace("[split]", 'accessions = ["GSE999999"]\n\n[split]')
    text = text.replace('space = "delta"', 'space = "delta"\ndisclosure = "theirs/disclosure.toml"', 1)
    study.write_text(text)
    record = assess(study, tmp_path / "a", quick=True, cached=False)
    found = {f.check: f for f in record.findings if f.model == "mine"}
    statuses = {name: found[name].status for name in ("L21", "L21b", "L22", "L29", "L32")}
    assert statuses == {"L21": "FAIL", "L21b": "FAIL", "L22": "NA", "L29": "WARN", "L32": "UNKNOWN"}
    assert "C04" not in {f.check for f in record.findings}
    assert "justified: the public part" in found["L21"].sentence
    stored = next(m for m in record.models if m.name == "mine").disclosure
    assert stored["pretraining"][1]["why"] == "the public part"
    assert stored["controls"] == "training"
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    own = {"disclosure.toml", "cells.txt", "edges.csv"}
    assert {str(theirs / name) for name in own} <= set(manifest["inputs"])
    again, base = read_study(tmp_path / "a" / "study.toml")
    assert again.data.accessions == ("GSE999999",)
    first = model_disclosure(read_study(study)[0].model[0], tmp_path)[0]
    assert model_disclosure(again.model[0], base)[0] == first
    assert {f.name for f in disclosure_files(again.model[0], base)} == own


def test_a_disclosure_within_the_study_is_written_with_complete_paths(study, tmp_path):
    (tmp_path / "edges.csv").write_text("a,b\nX,Y\n")
    table = '[model.disclosure]\nlooks = 1\ngraphs = [{ name = "net", released = 2024-01-31, file = "edges.csv" }]\n'
    study.write_text(study.read_text().replace('[[model]]\nname = "mean"', f'{table}\n[[model]]\nname = "mean"'))
    assess(study, tmp_path / "a", quick=True, cached=False)
    again, _ = read_study(tmp_path / "a" / "study.toml")
    assert again.model[0].disclosure.files == (str(tmp_path / "edges.csv"),)
    assert again.model[0].disclosure.model_fields_set == {"looks", "graphs"}
    assert again.model[0].disclosure.graphs[0].released.isoformat() == "2024-01-31"
