"""What is resampled together: doses, and kin where it is known."""

from __future__ import annotations

import numpy as np
from tests.claim.builders import Row, table

from vcassay.claim import find_related
from vcassay.evidence.metrics.families import resampling_families


def members(conditions, codes):
    groups = {}
    for name, code in zip(conditions.perturbation.tolist(), codes.tolist(), strict=True):
        groups.setdefault(code, set()).add(name)
    return sorted(sorted(g) for g in groups.values())


def screen(*drugs, contexts="AB", doses=(1.0, 10.0)):
    return table([Row(c, d, "test", dose=x) for c in contexts for d in drugs for x in doses])


OTHERS = tuple(f"drug{i}" for i in range(10))


def test_doses_and_contexts_of_a_perturbation_are_one_family():
    conditions = screen(*OTHERS)
    codes, words = resampling_families(conditions, None)
    assert members(conditions, codes) == [[d] for d in sorted(OTHERS)]
    assert words == "perturbations with all their doses"


def test_salts_are_drawn_with_each_other():
    conditions = screen("imiquimod (maleate)", "imiquimod hydrochloride", *OTHERS)
    codes, words = resampling_families(conditions, find_related(conditions))
    assert ["imiquimod (maleate)", "imiquimod hydrochloride"] in members(conditions, codes)
    assert len(np.unique(codes)) == 11
    assert words.startswith("11 families of kin among 12 perturbations (names of compounds without salts)")


def test_a_family_that_holds_most_is_not_taken():
    names = tuple(f"imiquimod {salt}" for salt in ("hydrochloride", "maleate", "sulfate", "tosylate"))
    conditions = screen(*names, *OTHERS)
    codes, words = resampling_families(conditions, find_related(conditions))
    assert len(np.unique(codes)) == 14
    assert "the largest family of kin holds 29%" in words


def test_kin_stays_single_where_too_few_families_would_be_left():
    pairs = tuple(f"drug{i} {salt}" for i in range(6) for salt in ("hydrochloride", "maleate"))
    conditions = screen(*pairs)
    codes, words = resampling_families(conditions, find_related(conditions))
    assert len(np.unique(codes)) == 12
    assert words.endswith("too few families would be left")


def test_a_combination_is_of_the_families_of_its_parts():
    rows = ["a maleate+b", "a hydrochloride+b", "a maleate", "b", *OTHERS]
    conditions = table([Row("A", d, "test", dose=1.0) for d in rows])
    codes, _ = resampling_families(conditions, find_related(conditions))
    assert ["a hydrochloride+b", "a maleate+b"] in members(conditions, codes)
    assert ["b"] in members(conditions, codes)


def test_no_conditions():
    codes, _ = resampling_families(table([]), None)
    assert len(codes) == 0
