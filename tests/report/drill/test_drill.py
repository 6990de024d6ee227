"""What the page knows of each condition is what is stored of it, within its budget, and what is left out is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.report.conftest import HOSTILE, Planted, make
from tests.report.drill.test_packed import unpack
from tests.report.large import PLACES, with_genes
from vcassay.record import FindingRecord
from vcassay.report.drill import find_drill
from vcassay.report.drill.naming import naming_rows
from vcassay.report.link import condition_link
from vcassay.report.tables import Stored, read_stored


@pytest.fixture(scope="module")
def whole() -> Planted:
    return with_genes(make(n_perturbations=14))


@pytest.fixture(scope="module")
def stored(whole: Planted, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return read_stored(whole.write(tmp_path_factory.mktemp("drill")))


def test_scores_and_facts_are_those_of_the_tables(stored: Stored) -> None:
    drill = find_drill(stored)
    payload = json.loads(drill.payload)
    assert stored.listed is not None
    assert stored.tested is not None
    assert (drill.n, drill.n_tested) == (len(stored.listed), len(stored.tested))
    facts, scores = payload["groups"]["facts"], payload["groups"]["scores"]
    assert unpack(facts, "perturbation").tolist() == stored.listed["perturbation"].tolist()
    assert unpack(facts, "n_cells").tolist() == stored.listed["n_cells"].tolist()
    np.testing.assert_allclose(unpack(facts, "effect"), stored.listed["effect"], rtol=1e-5)
    about = payload["about"]
    assert [s["name"] for s in about["series"] if s["kind"] == "model"] == [m.name for m in stored.record.models]
    best = {b for m in about["metrics"] for b in m["best"].values()}
    assert {s["name"] for s in about["series"] if s["kind"] == "baseline"} == best
    for i, series in enumerate(about["series"]):
        for j, metric in enumerate(about["metrics"]):
            wanted = stored.values(series["name"], metric["name"])
            assert wanted is not None
            np.testing.assert_allclose(unpack(scores, f"value {i} {j}"), wanted["value"], rtol=1e-5)
    undefined = next(name for name in scores["columns"] if name.startswith("reason"))
    assert set(unpack(scores, undefined)) > {""}


def test_each_model_has_its_most_wrong_genes(stored: Stored, whole: Planted) -> None:
    payload = json.loads(find_drill(stored).payload)
    assert payload["about"]["genes"] == PLACES
    assert whole.genes is not None
    first = whole.genes[(whole.genes["model"] == "Kestrel-2") & (whole.genes["place"] == 1)]
    group = payload["groups"]["genes 0"]
    assert unpack(group, "gene 0").tolist() == first["gene"].tolist()
    np.testing.assert_allclose(unpack(group, "predicted 0"), first["predicted"], rtol=1e-3, atol=1e-4)


def test_a_small_budget_leaves_out_genes_before_conditions_and_says_so(stored: Stored) -> None:
    whole = find_drill(stored)
    fewer = find_drill(stored, len(whole.payload) - 2000)
    assert fewer.n == whole.n
    assert fewer.notes[0].endswith(f"{PLACES} a model and condition are in genes.parquet beside it.")
    least = find_drill(stored, 26_000)
    assert 0 < least.n < whole.n
    assert len(least.payload) < 26_000 + 2000
    assert least.notes[0].startswith(f"{least.n:,} of {whole.n:,} conditions are on this page, test conditions first")
    facts = json.loads(least.payload)["groups"]["facts"]
    assert set(unpack(facts, "role")[: least.n_tested]) == {"test"}


def test_an_older_record_without_genes_says_why(tmp_path: Path) -> None:
    old = read_stored(make(n_perturbations=6, models=("Kestrel-2",)).write(tmp_path))
    about = json.loads(find_drill(old).payload)["about"]
    assert about["ungened"] == "genes.parquet is not in the assessment directory"
    assert about["genes"] == 0


def test_no_label_can_end_the_script(tmp_path: Path) -> None:
    drill = find_drill(read_stored(make(hostile=True, n_perturbations=6, models=("Kestrel-2",)).write(tmp_path)))
    assert not set("<>&") & set(drill.payload)
    assert HOSTILE in json.loads(drill.payload)["groups"]["facts"]["columns"]["perturbation"]["levels"]


def test_evidence_names_conditions_by_label_or_by_key(stored: Stored) -> None:
    rows = stored.listed
    assert rows is not None
    one = rows.iloc[5]
    label = f"{one['context']} | {one['perturbation']} | {one['dose']:g} | {one['time']:g} h"
    evidence = (
        {"condition": label, "r": 0.98},
        {"perturbation": one["perturbation"], "context": one["context"], "dose": one["dose"], "gap": 0.5},
        {"test": one["perturbation"], "key": "ABC"},
        {"context": one["context"], "n": 3},
        {"condition": "nowhere | nothing"},
    )
    finding = FindingRecord(check="L26", title="Copies", status="FAIL", sentence="It copies.", evidence=evidence)
    record = stored.record.model_copy(update={"findings": (finding,)})
    findings, hits = naming_rows(record, rows)
    assert [f["check"] for f in findings] == ["L26"]
    of_name = rows.index[rows["perturbation"] == one["perturbation"]].tolist()
    assert [i for i, _, text in hits if text == "r: 0.98"] == [5]
    assert [i for i, _, text in hits if text == "gap: 0.5"] == [5]
    assert [i for i, _, text in hits if text.startswith("test:")] == of_name
    assert len(hits) == 2 + len(of_name)


def test_a_link_says_dose_and_time_only_where_there_are_any() -> None:
    row = {"perturbation": "A+B & C", "context": "K562", "dose": 0.5, "time": float("nan")}
    assert condition_link(row) == "#condition=A%2BB+%26+C&context=K562&dose=0.5"
