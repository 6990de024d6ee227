"""The registry of published screens holds to its own rules."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from vcassay.core import InputError
from vcassay.screen import open_file
from vcassay.screen.datasets import Dataset, datasets, read_dataset
from vcassay.screen.presets import PRESETS, find_preset

ALL = list(datasets())
NAMES = [d.name for d in ALL]
WANTED = {
    "adamson2016",
    "dixit2016",
    "norman2019",
    "replogle2022-k562-essential",
    "replogle2022-k562-gwps",
    "replogle2022-rpe1",
    "nadig2025-hepg2",
    "nadig2025-jurkat",
    "sciplex3",
    "op3",
    "tahoe-100m",
    "vcc-2025",
    "vcc-2026",
    "x-atlas-orion",
    "x-atlas-pisces",
    "parse-pbmc",
    "l1000-gse92742",
    "l1000-gse70138",
    "papalexi2021",
    "frangieh2021",
    "mcfarland2020",
    "mcfaline2024",
    "jiang2025",
    "tian2021-crispri",
    "tian2021-crispra",
    "wessels2023",
    "datlinger2021",
    "xu2023",
    "combosciplex",
    "cellbox",
    "prism",
    "gdsc",
    "depmap",
}
COLUMNS = [(d.name, c) for d in ALL for c in (d.columns, *(f.columns for f in d.files if f.columns is not None))]
CONFIRMED = {
    "papalexi2021": "papalexi2021_eccite/papalexi2021_eccite.h5ad",
    "datlinger2021": "datlinger2021_cropseq/datlinger2021_cropseq.h5ad",
    "mcfaline2024": "perturbench_devel/raw/devel.h5ad",
    "cellbox": "cellbox_rppa/cellbox_rppa.h5ad",
    "schmidt2022": "ivcbench_predictions/h5ad/tcell_crispr_schmidt.h5ad",
    "shifrut2018": "ivcbench_predictions/h5ad/tcell_crispr_shifrut.h5ad",
    "zhao2021": "zhao2021_glioblastoma/zhao2021_glioblastoma.h5ad",
}


def test_what_was_asked_for_is_there_and_sorted():
    assert set(NAMES) >= WANTED
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("d", ALL, ids=NAMES)
def test_an_entry_is_whole(d: Dataset):
    raw = tomllib.loads(files("vcassay.screen.datasets").joinpath(f"{d.name}.toml").read_text(encoding="utf-8"))
    assert raw["name"] == d.name
    assert d.licence.allows.endswith(".")
    if not d.licence.name:
        assert d.licence.commercial == "unknown"
        assert d.licence.allows.startswith("Not known")
    assert d.counts.contexts is not None
    for name in ("cells", "perturbations", "combinations", "contexts", "doses", "times"):
        assert d.counts.say(name)
        assert getattr(d.counts, name) is not None or name not in d.counts.approximate
    assert d.counts.evidence is not None
    assert not d.counts.names or len(d.counts.names) <= (d.counts.contexts or 0)
    assert (d.counts.origins or 0) <= (d.counts.contexts or 0)
    assert d.traps, "no screen is without a trap"
    for trap in d.traps:
        assert trap.sentence.endswith(".")
        assert trap.evidence is not None
        assert not (trap.checks and trap.found_by)


@pytest.mark.parametrize("d", ALL, ids=NAMES)
def test_files_are_named_apart_and_fetched_over_https(d: Dataset):
    assert len({f.name for f in d.files}) == len(d.files)
    assert d.landing.startswith("https://")
    for file in d.files:
        assert file.url.startswith("https://")
        assert file.evidence is not None
        assert file.bytes is not None or not file.approximate
    assert d.access == "open" or not d.files


def test_aliases_are_nobody_elses():
    known = [name.casefold() for d in ALL for name in (d.name, *d.aliases)]
    assert len(known) - len({a.casefold() for d in ALL for a in d.aliases if a.casefold() == d.name}) == len(set(known))


def test_lookup():
    assert read_dataset(" Tahoe ").name == "tahoe-100m"
    assert read_dataset("GSE92742").name == "l1000-gse92742"
    with pytest.raises(InputError, match=r"did you mean 'norman2019'\?"):
        read_dataset("norman2018")


def test_a_file_by_name():
    d = read_dataset("vcc-2025")
    assert d.file().name == "adata_Training.h5ad"
    assert d.file("adata_Validation.h5ad").bytes == 6_928_967_541
    with pytest.raises(InputError, match="did you mean"):
        d.file("adata_Validation.h5a")
    with pytest.raises(InputError, match=r"virtualcellchallenge\.org"):
        read_dataset("vcc-2026").file()


@pytest.mark.parametrize(("name", "columns"), COLUMNS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(COLUMNS)])
def test_columns_are_those_of_the_preset(name, columns):
    if not columns.preset:
        assert not columns.obs or find_preset(columns.obs) is None
        return
    (preset,) = (p for p in PRESETS if p.name == columns.preset)
    assert find_preset(columns.obs) == preset
    assert columns.perturbation in preset.columns["perturbation"]
    if columns.modality:
        assert columns.modality in preset.columns.get("modality", ())
    if columns.dose:
        assert columns.dose in preset.columns["dose"]


@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_columns_stand_in_the_file_that_was_looked_at(name):
    folder = os.environ.get("VCASSAY_DATA", "")
    path = Path(folder) / CONFIRMED[name]
    if not folder or not path.exists():
        pytest.skip("VCASSAY_DATA does not name the folder of published files")
    c = read_dataset(name).columns
    assert path.name.removesuffix(".h5ad") in c.confirmed
    adata, handle = open_file(path, backed=True)
    try:
        have = set(map(str, adata.obs.columns))
        named = (c.perturbation, c.context, c.batch, c.dose, c.time, c.modality, *c.annotation.values(), *c.obs)
        assert {x for x in named if x} <= have
        assert set(c.control) <= set(adata.obs[c.perturbation].astype(str))
    finally:
        if handle is not None:
            handle.close()


def test_only_these_are_said_to_be_confirmed():
    assert {d.name for d in ALL if d.columns.confirmed} == set(CONFIRMED)


def test_numbers_say_how_rough_they_are():
    c = read_dataset("norman2019").counts
    assert (c.say("cells"), c.say("contexts")) == ("about 111,000", "1")
    assert read_dataset("x-atlas-pisces").counts.say("perturbations") == "not known"
    assert read_dataset("datlinger2021").counts.several == "states of one line"
    assert read_dataset("tahoe-100m").counts.several == "cell lines"
