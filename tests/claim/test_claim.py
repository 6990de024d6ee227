from __future__ import annotations

import numpy as np
import pytest

import vcassay.claim as room
from tests.claim.builders import EXCLUDED, TEST, VAL, Row, grid, split, table
from vcassay.claim import USES, make_claim, make_split
from vcassay.claim.applications import FITS, MATRIX
from vcassay.core import STRENGTH, InputError, Regime
from vcassay.record.claim import ClaimRecord

CEX = [*grid("KLMN", "ABCD"), *grid("XY", "ABC", role=TEST), Row("X", "Z", TEST), Row("X", "D", EXCLUDED)]
TABLES = {
    Regime.GEX: [*grid("KLM", "ABCD"), *grid("KLM", "EFGHI", role=TEST)],
    Regime.DEX: [*grid("KLM", "ABCD", dose=1.0), *grid("KLM", "EFGHI", dose=1.0, role=TEST)],
    Regime.CEX: [*grid("KLMN", "ABCDE"), *grid("XYZ", "ABCDE", role=TEST)],
    Regime.AEX: [*grid("KLMN", "ABCD"), *grid("XYZ", "EFGHI", role=TEST)],
    Regime.FEW_SHOT: [*grid("KLMN", "ABCDEFGH"), *grid("XYZ", "ABC"), *grid("XYZ", "DEFGH", role=TEST)],
    Regime.DOSE: [*grid("KLM", "ABCDE", dose=1.0), *grid("KLM", "ABCDE", dose=2.0, role=TEST)],
    Regime.TIME: [*grid("KLM", "ABCDE", time=6.0), *grid("KLM", "ABCDE", time=24.0, role=TEST)],
    Regime.MODALITY: [
        *grid("KLM", "ABCD", modality="CRISPRi"),
        *grid("KLM", "EFGHI", modality="drug", role=TEST),
    ],
    Regime.COMBINATION: [
        *grid("KLM", "ABCDE"),
        *(Row(c, f"{a}+{b}", TEST) for c in "KLM" for a, b in ("AB", "BC", "CD", "DE", "AE")),
    ],
}
"""Five perturbations in three contexts are tested in each."""


def claim_of(regime: Regime):
    if regime is Regime.RANDOM_CELLS:
        return make_claim(make_split(table(grid("KLM", "ABCDE")), "random-cells"))
    return make_claim(split(TABLES[regime]))


def words(sentences) -> str:
    return " ".join(f"{s.sentence} {s.reason}" for s in sentences)


@pytest.mark.parametrize("regime", STRENGTH)
class TestEveryRegime:
    def test_is_found(self, regime):
        assert claim_of(regime).regime is regime
        assert claim_of(regime).record().regime == regime

    def test_what_it_supports_carries_the_numbers(self, regime):
        record = claim_of(regime).record()
        text = words(record.supports)
        assert "5 " in text
        assert "3 contexts" in text or regime in (Regime.COMBINATION,)
        assert all(s.sentence.endswith(".") and s.reason for s in record.supports)

    def test_what_it_does_not_support_is_said_with_a_reason(self, regime):
        record = claim_of(regime).record()
        assert record.does_not_support
        assert all(s.sentence.endswith(".") and s.reason for s in record.does_not_support)
        assert not {s.sentence for s in record.supports} & {s.sentence for s in record.does_not_support}

    def test_the_sentence_carries_the_numbers(self, regime):
        sentence = claim_of(regime).sentence()
        assert sentence.startswith("The model predicts ")
        assert sentence.endswith(".")
        assert "5" in sentence
        assert "3" in sentence
        assert "nan" not in sentence

    def test_counts_and_applications_are_recorded(self, regime):
        record = claim_of(regime).record()
        assert record.n_test == 15
        assert record.n_perturbations_test == 5
        assert len(record.contexts_test) == 3
        assert [a.use for a in record.applications] == list(USES)
        assert sum(row.n for row in record.novelty) == 15
        assert abs(sum(row.share for row in record.novelty) - 1) < 1e-12

    def test_the_record_survives_json(self, regime):
        record = claim_of(regime).record()
        assert ClaimRecord.model_validate_json(record.model_dump_json()) == record


def test_few_shot_states_k_and_its_share():
    claim = claim_of(Regime.FEW_SHOT)
    record = claim.record()
    assert record.shots == 3
    assert record.shots_share == 3 / 8
    for text in (claim.sentence(), words(record.supports)):
        assert "3 perturbations (38%)" in text
    assert claim_of(Regime.CEX).record().shots is None


def test_cex_states_how_much_was_trained_elsewhere():
    record = make_claim(split(CEX)).record()
    assert "For 6 of 7 test conditions (CEX): predicting how 3 perturbations act in 2 contexts" in words(
        record.supports
    )
    assert "100% of the test treatments were trained in other contexts" in words(record.supports)
    assert "For 1 of 7 test conditions (AEX): predicting 1 perturbation never seen anywhere" in words(record.supports)
    assert "4 contexts in training" in words(record.supports)
    assert "X, Y" in words(record.supports)


def test_roles_are_counted():
    rows = [*grid("KL", "AB"), Row("K", "C", VAL), *grid("M", "AB", role=TEST), Row("M", "C", EXCLUDED)]
    record = make_claim(split(rows)).record()
    assert (record.n_train, record.n_val, record.n_test, record.n_excluded) == (4, 1, 2, 1)
    assert record.contexts_train == ("K", "L")
    assert record.contexts_test == ("M",)
    assert record.n_perturbations_train == 3
    assert record.sha256 == table(rows).sha256()


def test_what_is_declared_is_recorded_and_never_believed():
    rows = TABLES[Regime.FEW_SHOT]
    for declared in (None, Regime.CEX):
        claim = make_claim(split(rows), declared=declared)
        assert claim.regime is Regime.FEW_SHOT
        assert claim.record().declared == (declared or "")
    assert make_claim(split(rows, declared=Regime.AEX)).record().declared == Regime.AEX
    assert make_claim(split(rows, declared=Regime.AEX), declared=Regime.CEX).record().declared == Regime.CEX


def test_grants_are_those_of_any_condition():
    gex, cex = (set(claim_of(r).record().grants) for r in (Regime.GEX, Regime.CEX))
    assert "perturbation_elsewhere" in cex - gex
    assert "train_effects:context" in gex - cex
    assert "test_effects" not in gex | cex


def test_nothing_to_test():
    claim = make_claim(split(grid("KL", "AB")))
    assert claim.regime is None
    assert claim.sentence() == "Nothing is claimed: there are no test conditions."
    record = claim.record()
    assert record.regime == ""
    assert record.applications == ()
    assert record.supports == ()
    assert ClaimRecord.model_validate_json(record.model_dump_json()) == record


def test_an_unknown_use_is_refused():
    with pytest.raises(InputError, match=r"no use is called 'targetid'.*did you mean 'target-id'\?"):
        make_claim(split(CEX), use="targetid")
    assert make_claim(split(CEX), use="target-id", text="It works.").record().use == "target-id"


def test_novelty_rows_describe_the_strays():
    record = make_claim(split([*TABLES[Regime.CEX], *grid("K", "Z", role=TEST)])).record()
    assert [row.regime for row in record.novelty] == [Regime.CEX, Regime.GEX]
    assert [row.n for row in record.novelty] == [15, 1]
    assert record.novelty[0].pairing.startswith("100%")
    assert record.novelty[1].pairing.startswith("0%")


def test_one_context_and_one_perturbation_are_singular():
    claim = make_claim(split([*grid("KL", "AB"), Row("M", "A", TEST)]))
    assert "1 perturbation in an unseen context" in claim.sentence()
    assert "perturbations" not in claim.sentence()


def test_the_room_is_called_with_the_table():
    made = split(CEX)
    assert room(made.conditions, made).sentence() == make_claim(made).sentence()
    with pytest.raises(InputError, match="of another condition table"):
        room(table(grid("K", "A")), made)


class TestApplications:
    def test_every_use_and_regime_has_a_fit_and_a_reason(self):
        assert set(MATRIX) == set(USES)
        for row in MATRIX.values():
            assert set(row) == set(Regime)
            assert all(fit.fit in FITS and fit.reason for fit in row.values())

    @pytest.mark.parametrize(
        ("use", "regime", "fit"),
        [
            ("target-id", Regime.GEX, "diagnostic"),
            ("target-id", Regime.CEX, "direct"),
            ("selectivity", Regime.GEX, "diagnostic"),
            ("selectivity", Regime.CEX, "direct"),
            ("screening", Regime.FEW_SHOT, "direct"),
            ("unseen-compound", Regime.DEX, "direct"),
            ("unseen-compound", Regime.FEW_SHOT, "none"),
            ("combination", Regime.COMBINATION, "direct"),
            ("dose-finding", Regime.DOSE, "direct"),
        ],
    )
    def test_what_the_founding_document_says(self, use, regime, fit):
        assert MATRIX[use][regime].fit == fit

    def test_random_cells_speak_to_nothing(self):
        assert {row[Regime.RANDOM_CELLS].fit for row in MATRIX.values()} == {"none"}


def test_numbers_are_those_of_the_table():
    rng = np.random.default_rng(0)
    for _ in range(10):
        n_train, n_test = rng.integers(1, 9, 2)
        rows = [Row(f"K{i}", p) for i in range(n_train) for p in "ABC"]
        rows += [Row(f"X{i}", p, TEST) for i in range(n_test) for p in "AB"]
        claim = make_claim(split(rows))
        assert claim.facts.n_contexts_train == n_train
        assert claim.facts.n_contexts_test == n_test
        assert claim.facts.n_test == 2 * n_test
        assert claim.facts.paired == 1.0
