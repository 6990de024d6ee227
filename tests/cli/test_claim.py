"""vcassay claim and split, as a user meets them."""

from __future__ import annotations

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from vcassay.claim import read_split

KEYS = ("regime", "novelty", "supports", "does_not_support", "findings", "legal_baselines")


def csv(path, rows, columns=("context", "perturbation", "dose", "role")):
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return path


DRUGS = [
    ("A549", "imiquimod (maleate)", 5, "test"),
    ("A549", "vorinostat", 0.5, "train"),
    ("A549", "vorinostat", 5, "test"),
    ("K562", "imiquimod (hydrochloride)", 5, "train"),
    ("MCF7", "vorinostat", 5, "test"),
    ("A549", "DMSO_TF", 0, "test"),
]


def test_a_table_of_drugs_is_taken_apart(tmp_path, vcassay):
    ended = vcassay("claim", "--table", csv(tmp_path / "t.csv", DRUGS), "--expect", "dex", "--json")
    data = json.loads(ended.out)
    assert ended.status == 0
    assert all(data[k] for k in KEYS)
    found = {(s["regime"], s["kind"]): s["n"] for s in data["novelty"]}
    assert found == {("DEX", "analogue"): 1, ("unseen dose", "extrapolation"): 1, ("CEX", "other dose"): 1}
    status = {f["check"]: f["status"] for f in data["findings"]}
    assert status["C01"] == "FAIL"
    assert status["C03"] == "WARN"
    assert status["L02"] == "WARN"
    assert data["counts"] == {"n_train": 2, "n_val": 0, "n_test": 3, "n_excluded": 0, "n_both": 0}


def test_it_reads_like_a_review(tmp_path, vcassay):
    out = vcassay("claim", "--table", csv(tmp_path / "t.csv", DRUGS)).out
    for words in ("Test conditions, by what is new", "Supports:", "Does not support:", "Scope:", "Legal baselines: "):
        assert words in out
    assert "nan" not in out.lower().replace("nanomolar", "")
    assert "A control (DMSO_TF) is listed as test in 1 context." in out


def test_what_is_declared_becomes_part_of_it(tmp_path, vcassay):
    more = ("--truth", "public", "--public-since", "2025-02-14", "--pretraining", "no", "--cover", "0.5")
    data = json.loads(vcassay("claim", "--table", csv(tmp_path / "t.csv", DRUGS), *more, "--json").out)
    assert (data["truth"], data["truth_since"], data["pretraining"], data["covered"]) == (
        "public",
        "2025-02-14",
        "no",
        0.5,
    )
    assert any("public since 2025-02-14" in s["sentence"] for s in data["scope"])


def test_cells_with_words_of_their_own(tmp_path, vcassay):
    rng = np.random.default_rng(0)
    names = np.repeat(["control", "A", "B", "C"], 30)
    word = np.where(names == "C", "ood", np.where(rng.random(120) < 0.2, "test", "train"))
    obs = pd.DataFrame({"condition": names, "cell_type": "K562", "split_ood": word})
    ad.AnnData(rng.poisson(1.0, (120, 5)).astype(np.float32), obs=obs.set_index(obs.index.astype(str))).write_h5ad(
        tmp_path / "cpa.h5ad"
    )
    words = ("claim", "--table", tmp_path / "cpa.h5ad", "--role-column", "split_ood", "--json")
    data = json.loads(vcassay(*words).out)
    assert {(s["regime"], s["word"]): s["n"] for s in data["novelty"]} == {
        ("random cells", "test"): 2,
        ("GEX", "ood"): 1,
    }
    assert data["regime"] == "random cells"
    held = json.loads(vcassay(*words, "--val", "test").out)  # cells that only chose the model
    assert held["regime"] == "GEX"
    assert {f["check"]: f["status"] for f in held["findings"]}["L02"] == "PASS"


def test_knowledge_is_matched_and_its_coverage_printed(tmp_path, vcassay):
    rows = [("K", "GATA1", "", "train"), ("K", "GATA2", "", "test"), ("K", "TP53", "", "test")]
    (tmp_path / "pairs.csv").write_text("a,b\nGATA1,GATA2\n")
    ended = vcassay("claim", "--table", csv(tmp_path / "t.csv", rows), "--relations", tmp_path / "pairs.csv")
    assert "1 (50%) GEX, analogue" in ended.out
    assert "pairs: 2 of 3; not: TP53" in ended.out


def test_lists_and_cell_load_files_without_their_data(tmp_path, vcassay):
    lists = {"train": ["ctrl", "A+ctrl", "B+ctrl"], "val": [], "test": ["C+ctrl", "A+B"]}
    (tmp_path / "gears.json").write_text(json.dumps(lists))
    data = json.loads(vcassay("claim", "--split", tmp_path / "gears.json", "--json").out)
    assert {s["regime"] for s in data["novelty"]} == {"GEX", "combination"}
    (tmp_path / "few.toml").write_text(
        '[training]\nset = "train"\n[fewshot."set.hepg2"]\ntest = ["A", "B"]\nval = ["C"]\n'
    )
    ended = vcassay("claim", "--split", tmp_path / "few.toml", "--json")
    assert ended.status == 0
    assert "assumed" in " ".join(s["sentence"] for s in json.loads(ended.out)["scope"])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--table", "t.csv", "--role-column", "rol"), "did you mean 'role'"),
        (("--table", "t.csv", "--perturbation", "drug"), "no column 'drug'"),
        (("--table", "t.csv", "--expect", "CXE"), "--expect: no regime is called 'CXE'"),
        (("--table", "t.csv", "--truth", "secret"), "--truth: is 'secret'"),
        (("--table", "t.csv", "--public-since", "May"), "write the day as 2025-02-14"),
        (("--table", "t.csv", "--use", "target"), "did you mean 'target-id'"),
        (("--table", "t.csv", "--split", "x.json"), "wants one thing"),
        (("--table", "t.csv", "--compounds", "none.csv"), "none.csv"),
        (("--split", "split.pkl"), "split.pkl"),
        (("--table", "t.csv", "--picture", "x.png"), ".svg or .html"),
    ],
)
def test_a_mistake_is_one_sentence(words, wanted, tmp_path, vcassay, monkeypatch):
    monkeypatch.chdir(tmp_path)
    csv(tmp_path / "t.csv", DRUGS)
    (tmp_path / "split.pkl").write_bytes(b"\x80\x04]\x94.")
    ended = vcassay("claim", *words)
    assert ended.status == 2
    assert wanted in ended.said
    assert len(ended.err.strip().splitlines()) == 1


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_a_picture(suffix, tmp_path, vcassay):
    ended = vcassay("claim", "--table", csv(tmp_path / "t.csv", DRUGS), "--picture", tmp_path / f"claim{suffix}")
    assert ended.status == 0
    text = (tmp_path / f"claim{suffix}").read_text()
    assert "vorinostat" in text
    assert "<script src" not in text
    assert list(tmp_path.glob(".*")) == []


class TestSplit:
    def test_series_are_written_whole(self, study, tmp_path, vcassay):
        text = study.read_text().replace('file = "split.json"', 'make = "cex"\nfraction = 0.4')
        study.write_text(text)
        rows = json.loads(vcassay("split", study, "--folds", "5", "-o", tmp_path / "folds", "--json").out)
        assert [r["test"] for r in rows] == [20] * 5
        assert len(list((tmp_path / "folds").glob("fold-*.json"))) == 5
        read = [read_split(tmp_path / "folds" / f"fold-{i}.json") for i in range(5)]
        assert sorted(c for s in read for c in s.conditions.take(s.test).ids) == sorted(read[0].conditions.ids)
        sweep = json.loads(
            vcassay("split", study, "--sweep", "1", "--sweep", "4", "-o", tmp_path / "sweep", "--json").out
        )
        assert len({r["test"] for r in sweep}) == 1

    @pytest.mark.parametrize(
        ("kind", "suffix"), [("manifest", "json"), ("cell-load", "toml"), ("csv", "csv"), ("perturbench", "csv")]
    )
    def test_other_tools_files_lead_back_to_the_same_claim(self, kind, suffix, study, tmp_path, vcassay):
        out = tmp_path / f"other.{suffix}"
        ended = vcassay("split", study, "--as", kind, "-o", out)
        assert ended.status == 0, ended.err
        before = json.loads(vcassay("claim", study, "--json").out)
        study.write_text(study.read_text().replace("split.json", out.name))
        after = json.loads(vcassay("claim", study, "--json").out)
        assert (after["regime"], after["counts"]["n_test"]) == (before["regime"], before["counts"]["n_test"])

    def test_mistakes(self, study, vcassay):
        assert "no kind of split file" in vcassay("split", study, "--as", "pickle").said
        assert "one of them at a time" in vcassay("split", study, "--folds", "5", "--repeats", "2").said
        assert "draws no split" in vcassay("split", study, "--repeats", "2").said
