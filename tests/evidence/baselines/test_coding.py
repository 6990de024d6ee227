"""Coding: which treatments are the same, and what combinations are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vcassay.core import Regime
from vcassay.evidence.baselines.coding import Coding


def of_kinds(task, train, wanted):
    marked = (replace(t, modality=np.array(words)) for t, words in ((task.train, train), (task.wanted, wanted)))
    return replace(task, **dict(zip(("train", "wanted"), marked, strict=True)))


def test_parts_are_of_the_own_modality_unless_no_single_is(make):
    train = {("A", "g1"): np.zeros(2), ("B", "g1"): np.zeros(2), ("A", "g2"): np.zeros(2)}
    task = make(train, [("A", "g1+g2")], regime=Regime.COMBINATION)
    kinds = ["CRISPRi", "CRISPRi", "CRISPRa"]  # of A g1, A g2, B g1
    for word, expected in (("CRISPRi", [0.0, 1.0, 1.0]), ("CRISPRa", [1.0, 0.0, 0.0]), ("both", [0.5, 0.5, 1.0])):
        marked = of_kinds(task, kinds, [word])
        coding = Coding(marked.train)
        pick, times = coding.terms(marked.wanted)
        assert [(t.kind, t.parts) for t in coding.treatments] == [
            ("crispra", ("g1",)),
            ("crispri", ("g1",)),
            ("crispri", ("g2",)),
        ]
        np.testing.assert_allclose(pick.toarray()[0], expected)
        assert times[0] == 2.0
