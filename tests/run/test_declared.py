"""A claim that is declared wider than its split is cut down to what the tables show."""

from dataclasses import replace

import numpy as np

from tests.run.builders import PLAN
from vcassay.claim import write_split
from vcassay.run import demo
from vcassay.run.assess import assess
from vcassay.run.study import parse_study
from vcassay.simulate import simulate_screen
from vcassay.simulate.answers import honest
from vcassay.simulate.demo import hold_out
from vcassay.simulate.leaks import few_shot_hidden


def test_few_shot_declared_as_cex_is_split_limited(tmp_path):
    simulation = simulate_screen(replace(PLAN, n_contexts=8, n_crispri=14), seed=5)
    conditions = simulation.screen.conditions
    held_out = tuple(sorted(set(conditions.context.tolist()))[4:])
    split = few_shot_hidden(hold_out(conditions, held_out), np.random.default_rng(0), k=5)
    simulation.screen.adata.write_h5ad(tmp_path / "screen.h5ad")
    write_split(split, tmp_path / "split.json")
    model = honest(simulation, conditions.take(split.test), np.random.default_rng(1), skill=0.9)
    demo._write_table(model, tmp_path / "honest.parquet")
    columns = {"perturbation": "perturbation", "context": "context", "batch": "batch", "dose": "dose_uM"}
    study = {
        "claim": {"expect": "CEX"},
        "data": {"screen": "screen.h5ad", "rows": "cells", "readout": "counts", "dose_unit": "uM", **columns},
        "split": {"file": "split.json"},
        "model": [{"name": "honest", "predictions": "honest.parquet", "space": "delta", "controls": "training"}],
    }
    record = assess(parse_study(study, "study"), tmp_path / "a", folder=tmp_path, cached=False)
    assert record.claim.regime == "few-shot context"
    assert "k = 5" in record.claim.sentence
    found = next(f for f in record.findings if f.check == "L03")
    assert (found.status, found.blocks) == ("FAIL", False)
    verdict = record.models[0].verdict
    assert (verdict.level, verdict.rule[0]) == ("split-limited", "c")
    assert "CEX is declared, but the tables show few-shot context." in verdict.reasons
