"""Every regime, worked out from tables written by hand and never from what was declared."""

from __future__ import annotations

import numpy as np
import pytest

from tests.claim.builders import EXCLUDED, TEST, TRAIN, VAL, Row, grid, split
from vcassay.claim import Split, find_novelty
from vcassay.core import Regime

REGIMES: dict[str, tuple[list[Row], Regime]] = {
    "a new gene in known contexts": (
        [*grid("KL", "AB"), *grid("KL", "C", role=TEST)],
        Regime.GEX,
    ),
    "a new gene named as such beside a dose": (
        [*grid("K", "AB", dose=1.0, modality="CRISPRi"), *grid("K", "C", role=TEST, dose=1.0, modality="CRISPRi")],
        Regime.GEX,
    ),
    "a new compound at all doses": (
        [*grid("KL", "AB", dose=1.0), *grid("KL", "C", role=TEST, dose=1.0), *grid("KL", "C", role=TEST, dose=2.0)],
        Regime.DEX,
    ),
    "a new compound named as such": (
        [*grid("K", "AB", modality="drug"), *grid("K", "C", role=TEST, modality="drug")],
        Regime.DEX,
    ),
    "known perturbations in a new context": (
        [*grid("KL", "ABC"), *grid("M", "ABC", role=TEST)],
        Regime.CEX,
    ),
    "nothing known": (
        [*grid("KL", "AB"), *grid("M", "C", role=TEST), *grid("M", "AB", role=EXCLUDED)],
        Regime.AEX,
    ),
    "a new combination in a new context": (
        [*grid("K", "AB"), Row("M", "A+B", TEST)],
        Regime.AEX,
    ),
    "a known combination in a new context": (
        [*grid("K", "AB"), Row("K", "A+B"), Row("M", "A+B", TEST)],
        Regime.CEX,
    ),
    "a context with some perturbations shown": (
        [*grid("KL", "ABCD"), Row("M", "A"), *grid("M", "BCD", role=TEST)],
        Regime.FEW_SHOT,
    ),
    "a context shown through validation": (
        [*grid("KL", "ABCD"), Row("M", "A", VAL), *grid("M", "BCD", role=TEST)],
        Regime.FEW_SHOT,
    ),
    "a context shown at another dose": (
        [*grid("K", "AB", dose=1.0), *grid("K", "AB", dose=2.0, role=TEST)],
        Regime.DOSE,
    ),
    "a context shown at another time": (
        [*grid("K", "AB", time=6.0), *grid("K", "AB", time=24.0, role=TEST)],
        Regime.TIME,
    ),
    "a context shown at another dose and another time": (
        [*grid("K", "AB", dose=1.0, time=6.0), *grid("K", "AB", dose=2.0, time=24.0, role=TEST)],
        Regime.DOSE,
    ),
    "a kind of perturbation that nothing in training is of": (
        [*grid("K", "AB", modality="CRISPRi"), *grid("K", "CD", modality="drug", role=TEST)],
        Regime.MODALITY,
    ),
    "the same genes by another kind of perturbation": (
        [*grid("KL", "AB", modality="CRISPRi"), *grid("K", "AB", modality="CRISPRa", role=TEST, time=24.0)],
        Regime.MODALITY,
    ),
    "another kind of perturbation in a new context": (
        [*grid("K", "AB", modality="CRISPRi"), *grid("M", "AB", modality="CRISPRa", role=TEST)],
        Regime.AEX,
    ),
    "a single that was trained in combinations only": (
        [Row("K", "A+B"), Row("K", "B+C"), Row("K", "A", TEST)],
        Regime.COMBINATION,
    ),
    "a combination with both parts seen": (
        [*grid("K", "AB"), Row("K", "A+B", TEST)],
        Regime.COMBINATION,
    ),
    "a combination with one part seen": (
        [*grid("K", "AC"), Row("K", "A+B", TEST)],
        Regime.COMBINATION,
    ),
    "a combination with no part seen": (
        [*grid("K", "CD"), Row("K", "A+B", TEST)],
        Regime.COMBINATION,
    ),
}


@pytest.mark.parametrize("name", REGIMES)
@pytest.mark.parametrize("declared", [None, Regime.AEX, Regime.RANDOM_CELLS])
def test_the_regime_follows_from_the_table(name, declared):
    rows, expected = REGIMES[name]
    novelty = find_novelty(split(rows, declared=declared))
    assert set(novelty.regime.tolist()) == {expected}
    assert novelty.overall() is expected


def test_random_cells():
    table = split(grid("KL", "AB", role=TEST), test_shards=(6, 7), declared=Regime.CEX)
    novelty = find_novelty(table)
    assert novelty.overall() is Regime.RANDOM_CELLS
    assert set(novelty.perturbation.tolist()) == {"seen"}
    assert set(novelty.context.tolist()) == {"seen"}
    np.testing.assert_array_equal(novelty.shots, 2)
    assert not novelty.other_dose.any()


def test_a_structure_makes_a_drug():
    rows = [*grid("K", "AB"), Row("K", "C", TEST), Row("K", "D", TEST)]
    plain = split(rows)
    smiles = np.where(np.isin(plain.conditions.perturbation, ["C"]), "CCO", "")
    table = type(plain.conditions)(
        plain.conditions.context,
        plain.conditions.parts,
        plain.conditions.dose,
        plain.conditions.time,
        plain.conditions.modality,
        {"smiles": smiles},
    )
    assert find_novelty(Split(table, plain.roles)).regime.tolist() == [Regime.DEX, Regime.GEX]


class TestWhatWasShown:
    def test_shots_count_perturbations_not_doses(self):
        rows = [*grid("K", "ABCDE", dose=1.0), *grid("M", "AB", dose=1.0), *grid("M", "AB", dose=2.0)]
        rows += grid("M", "CDE", dose=1.0, role=TEST)
        novelty = find_novelty(split(rows))
        np.testing.assert_array_equal(novelty.shots, 2)
        np.testing.assert_allclose(novelty.shots_share, 2 / 5)
        assert novelty.overall() is Regime.FEW_SHOT

    def test_shots_differ_by_context(self):
        rows = [*grid("K", "ABCD"), Row("M", "A"), *grid("M", "BCD", role=TEST), *grid("N", "ABC")]
        rows += [Row("N", "D", TEST)]
        novelty = find_novelty(split(rows))
        assert dict(
            zip(split(rows).conditions.context[novelty.test].tolist(), novelty.shots.tolist(), strict=True)
        ) == {
            "M": 1,
            "N": 3,
        }
        np.testing.assert_allclose(sorted(set(novelty.shots_share.tolist())), [0.25, 0.75])

    def test_no_shots_in_a_new_context(self):
        novelty = find_novelty(split(REGIMES["known perturbations in a new context"][0]))
        np.testing.assert_array_equal(novelty.shots, 0)
        np.testing.assert_array_equal(novelty.shots_share, 0.0)
        assert set(novelty.context.tolist()) == {"unseen"}
        assert novelty.elsewhere.all()

    def test_excluded_conditions_teach_nothing(self):
        rows = [*grid("K", "AB"), Row("M", "A", EXCLUDED), Row("M", "B", TEST)]
        novelty = find_novelty(split(rows))
        assert novelty.overall() is Regime.CEX
        np.testing.assert_array_equal(novelty.shots, 0)

    @pytest.mark.parametrize(
        ("seen", "words"), [("AB", "2 of 2 parts seen"), ("AC", "1 of 2 parts seen"), ("CD", "0 of 2 parts seen")]
    )
    def test_parts_of_a_combination(self, seen, words):
        novelty = find_novelty(split([*grid("K", seen), Row("K", "A+B", TEST)]))
        assert novelty.parts_seen.tolist() == [sum(p in seen for p in "AB")]
        assert novelty.perturbation.tolist() == [words]

    def test_a_part_seen_in_company_is_seen(self):
        novelty = find_novelty(split([Row("K", "A+C"), Row("K", "B+C"), Row("K", "A+B", TEST)]))
        assert novelty.parts_seen.tolist() == [2]

    def test_the_same_treatment_elsewhere_has_the_same_dose(self):
        rows = [Row("K", "A", dose=1.0), Row("L", "B", dose=1.0), Row("L", "A", TEST, dose=2.0)]
        novelty = find_novelty(split(rows))
        assert not novelty.elsewhere.any()
        assert novelty.perturbation.tolist() == ["other dose"]
        assert novelty.overall() is Regime.FEW_SHOT  # the compound is not new, nor is it known in this context

    def test_another_dose_in_the_same_context(self):
        rows = [Row("K", "A", dose=1.0), Row("L", "A", dose=2.0), Row("K", "A", TEST, dose=2.0)]
        novelty = find_novelty(split(rows))
        assert novelty.other_dose.all()
        assert novelty.elsewhere.all()


def strays(n_test: int, n_stray: int) -> Split:
    """``n_test`` test conditions, of which the strays are random doses among unseen contexts."""
    names = [f"P{i}" for i in range(n_test)]
    rows = [Row("K", p, dose=1.0) for p in names]
    rows += [Row("M", p, TEST, dose=1.0) for p in names[n_stray:]]
    rows += [Row("K", p, TEST, dose=2.0) for p in names[:n_stray]]
    return split(rows)


class TestOverall:
    @pytest.mark.parametrize(("n", "k"), [(20, 1), (40, 2), (100, 5), (200, 10), (100, 0)])
    def test_five_percent_of_strays_are_set_aside(self, n, k):
        assert find_novelty(strays(n, k)).overall() is Regime.CEX

    @pytest.mark.parametrize(("n", "k"), [(19, 1), (40, 3), (100, 6), (2, 1)])
    def test_more_are_not(self, n, k):
        assert find_novelty(strays(n, k)).overall() is Regime.DOSE

    def test_strays_that_are_stronger_do_not_raise_the_claim(self):
        rows = [*grid("K", "ABCDEFGHIJ"), *grid("K", "UVWXYZ", role=TEST), *grid("M", "A", role=TEST)]
        novelty = find_novelty(split(rows))
        assert set(novelty.regime.tolist()) == {Regime.GEX, Regime.CEX}
        assert novelty.overall() is Regime.GEX

    def test_the_weakest_of_a_mixture(self):
        rows = [*grid("KL", "ABCD"), *grid("M", "ABCD", role=TEST), *grid("M", "Z", role=TEST)]
        rows += [Row("K", "Q", TEST), Row("N", "A"), *grid("N", "BC", role=TEST)]
        assert find_novelty(split(rows)).overall() is Regime.FEW_SHOT

    def test_nothing_to_test(self):
        novelty = find_novelty(split(grid("K", "AB")))
        assert novelty.overall() is None
        assert novelty.regime.shape == (0,)
        assert novelty.shots.dtype == np.int64

    def test_nothing_to_train_on(self):
        novelty = find_novelty(split(grid("K", "AB", role=TEST)))
        assert novelty.overall() is Regime.AEX
        assert not novelty.elsewhere.any()


def test_positions_are_those_of_the_test_conditions():
    made = split([*grid("K", "AB"), *grid("M", "BA", role=TEST), Row("L", "A", TRAIN)])
    novelty = find_novelty(made)
    assert [made.conditions.ids[i] for i in novelty.test] == ["M | A", "M | B"]
    assert len(novelty.regime) == len(novelty.parts_seen) == 2
