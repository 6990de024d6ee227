"""Every kind of test condition has a claim of its own, with its own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.claim.builders import TEST, Row, grid, split
from vcassay.claim import make_claim, make_split
from vcassay.claim.findings import claim_findings
from vcassay.core import Regime, Status

DOUBLES = [Row("K", "+".join(p), TEST) for p in ("AB", "AC", "AX", "XY")]


def strata(made, **more):
    return {(s.regime, s.kind): s for s in make_claim(made, **more).strata}


def test_combinations_by_how_many_parts_were_seen():
    found = strata(split([*grid("K", "ABCD"), *DOUBLES, Row("K", "X", TEST)]))
    assert {key: len(s.at) for key, s in found.items()} == {
        (Regime.COMBINATION, "2 of 2 parts seen"): 2,
        (Regime.COMBINATION, "1 of 2 parts seen"): 1,
        (Regime.COMBINATION, "0 of 2 parts seen"): 1,
        (Regime.GEX, ""): 1,
    }
    assert "2 unseen combinations (2 of 2 parts seen)" in found[Regime.COMBINATION, "2 of 2 parts seen"].clause()
    assert found[Regime.GEX, ""].facts.n_perturbations == 1


def test_doses_between_and_beyond():
    rows = [Row("K", p, dose=d) for p in "AB" for d in (0.1, 10.0)]
    made = split([*rows, Row("K", "A", TEST, dose=1.0), Row("K", "B", TEST, dose=100.0)])
    found = strata(made)
    assert set(found) == {(Regime.DOSE, "interpolation"), (Regime.DOSE, "extrapolation")}
    claim = make_claim(made)
    assert claim.regime is Regime.DOSE
    text = " ".join(s.sentence for s in claim.supports())
    assert "For 1 of 2 test conditions (unseen dose, interpolation): interpolating dose" in text
    assert "outside those that were trained" in text
    single = make_claim(split([*rows, Row("K", "A", TEST, dose=1.0)]))
    assert any("beyond those trained" in s.sentence for s in single.does_not_support())


def test_a_test_word_of_the_source_is_a_stratum():
    made = split([*grid("KL", "ABC"), *grid("M", "ABC", role=TEST), *grid("K", "Z", role=TEST)])
    words = tuple(
        "" if role != TEST else "ood" if context == "M" else "holdout"
        for role, context in zip(made.roles.tolist(), made.conditions.context.tolist(), strict=True)
    )
    claim = make_claim(replace(made, words=words))
    assert {(s.word, s.regime) for s in claim.strata} == {("ood", Regime.CEX), ("holdout", Regime.GEX)}
    assert any("labelled 'ood'" in s.sentence for s in claim.supports())
    same = make_claim(replace(made, words=tuple("test" if w else "" for w in words)))
    assert {s.word for s in same.strata} == {""}


def test_conditions_on_both_sides_are_random_cells_for_themselves_alone():
    made = split([*grid("KL", "ABC"), *grid("K", "D", role=TEST), *grid("L", "D", role=TEST)])
    both = replace(made, also_train=made.test[:1])
    claim = make_claim(both)
    assert {s.regime: len(s.at) for s in claim.strata} == {Regime.RANDOM_CELLS: 1, Regime.FEW_SHOT: 1}
    assert made.test[0] in both.train
    assert made.test[1] not in both.train


class TestTheOverallClaim:
    MIXED = split([*grid("K", "ABCDEFGHIJ"), *grid("M", "ABCDEFGHI", role=TEST), Row("K", "Z", TEST)])

    def test_the_share_asked_for(self):
        assert make_claim(self.MIXED).regime is Regime.GEX
        wide = make_claim(self.MIXED, cover=0.9)
        assert wide.regime is Regime.CEX
        assert len(wide.spoken) == 1
        assert any("1 of 10 test conditions (10.0%) are of a weaker regime" in s.sentence for s in wide.scope), (
            wide.scope
        )
        assert wide.record().covered == 0.9

    def test_a_mixture_is_spoken_of_kind_by_kind(self):
        claim = make_claim(self.MIXED)
        assert claim.sentence() == (
            "The model predicts the effects of 1 unseen gene in 1 context that it was trained on (1 of 10 test "
            "conditions); and the effects of 9 perturbations in an unseen context, from control cells alone (9 of 10 "
            "test conditions)."
        )
        assert claim.does_not_support()[0].sentence == "Any one of these by the overall score."
        fits = {a.use: a for a in claim.record().applications}
        assert fits["target-id"].fit == "partial"
        assert fits["target-id"].reason.startswith("90% of the test conditions (CEX): ")
        (mixed,) = [f for f in claim_findings(claim) if f.check == "C02"]
        assert mixed.status is Status.WARN

    def test_every_stratum_is_stored_with_its_sentence(self):
        record = make_claim(self.MIXED).record()
        assert [(r.regime, r.n, r.n_perturbations) for r in record.novelty] == [("CEX", 9, 9), ("GEX", 1, 1)]
        assert all(r.sentence.startswith("The model predicts ") for r in record.novelty)


class TestDeclaredAgainstFound:
    FEW_SHOT = (*grid("KL", "ABCD"), Row("M", "A"), *grid("M", "BCD", role=TEST))

    @pytest.mark.parametrize(
        ("declared", "status"),
        [(None, "NA"), (Regime.FEW_SHOT, "PASS"), (Regime.CEX, "FAIL"), (Regime.RANDOM_CELLS, "WARN")],
    )
    def test_status(self, declared, status):
        claim = make_claim(split(self.FEW_SHOT), declared=declared)
        found = next(iter(claim_findings(claim)))
        assert (found.check, found.status) == ("C01", status)
        assert not found.blocks
        assert found.evidence[0]["regime"] == "few-shot context"

    def test_few_shot_declared_cex_says_what_to_do(self):
        claim = make_claim(split(self.FEW_SHOT), declared=Regime.CEX)
        found = next(iter(claim_findings(claim)))
        assert found.value == 0.0
        assert "the tables show few-shot context" in found.sentence
        assert found.remedy.startswith("Claim few-shot context")

    def test_what_is_made_is_what_is_found(self):
        rows = [*grid("KLMNOP", "ABCDEFGH")]
        for seed in range(10):
            for make in ("gex", "cex", "aex"):
                made = make_split(split(rows).conditions, make, seed=seed)
                assert next(iter(claim_findings(make_claim(made)))).status is Status.PASS


def test_the_numbers_of_a_stratum_are_its_own():
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.integers(1, 6, 2)
        rows = [*grid("KL", "ABCDEF"), *[Row(f"X{i}", p, TEST) for i in range(a) for p in "AB"]]
        rows += [Row("K", f"Z{i}", TEST) for i in range(b)]
        found = strata(split(rows))
        assert found[Regime.CEX, ""].facts.n_contexts_test == a
        assert found[Regime.CEX, ""].facts.n_perturbations == 2
        assert found[Regime.GEX, ""].facts.n_perturbations == b
        assert found[Regime.GEX, ""].facts.n_contexts_test == 1


def test_strays_of_stronger_regimes_are_set_aside_too():
    rows = [*[Row(c, f"P{i}") for c in "KM" for i in range(40)], *[Row("M", f"Q{i}", TEST) for i in range(38)]]
    rows += [Row("K", f"Q{i}") for i in range(38)] + [Row("M", f"Z{i}", TEST) for i in range(2)]
    claim = make_claim(split(rows))
    assert claim.regime is Regime.FEW_SHOT
    assert [s.regime for s in claim.spoken] == [Regime.FEW_SHOT]
    assert any("2 of 40 test conditions (5.0%) are of a stronger regime" in s.sentence for s in claim.scope)


class TestAnotherDose:
    """A drug at a dose that is trained elsewhere is few-shot; at one that is trained nowhere it is a new dose."""

    SHOWN = (*grid("KL", "AB", dose=1.0), *grid("L", "AB", dose=2.0), *grid("K", "AB", dose=2.0, role=TEST))

    def test_shown_in_the_context_at_another_dose_and_trained_elsewhere_at_this_one(self):
        claim = make_claim(split(list(self.SHOWN)))
        assert {(s.regime, s.kind) for s in claim.strata} == {(Regime.FEW_SHOT, "other dose shown")}
        assert "these among them at another dose or time" in claim.sentence()

    def test_trained_nowhere_at_this_dose(self):
        claim = make_claim(split([*grid("KL", "AB", dose=1.0), *grid("KL", "AB", dose=2.0, role=TEST)]))
        assert claim.regime is Regime.DOSE

    def test_an_unseen_context_at_a_dose_that_was_not_trained(self):
        claim = make_claim(split([*grid("KL", "AB", dose=1.0), *grid("M", "AB", dose=2.0, role=TEST)]))
        assert {(s.regime, s.kind) for s in claim.strata} == {(Regime.CEX, "other dose")}
        assert "at a dose that was not trained" in claim.sentence()
        assert any("at other doses or times" in s.reason for s in claim.does_not_support())


def test_another_modality_in_an_unseen_context_is_said():
    rows = [*grid("K", "ABC", modality="CRISPRa"), *grid("M", "ABC", modality="CRISPRi", role=TEST)]
    claim = make_claim(split(rows))
    assert {(s.regime, s.kind) for s in claim.strata} == {(Regime.AEX, "other modality")}
    text = claim.sentence() + claim.supports()[0].sentence
    assert "never seen anywhere" not in text
    assert "by CRISPRi" in text


def test_validation_is_told_apart_from_shots():
    rows = [*grid("K", "ABCDEFGH"), *grid("M", "AB"), *grid("M", "CD", role="val"), *grid("M", "EFGH", role=TEST)]
    claim = make_claim(split(rows))
    assert claim.facts.shots == 2
    assert "k = 2 perturbations (25%; 2 more for validation)" in claim.sentence()


def test_batches_that_were_not_trained_make_a_stratum():
    made = split([*grid("K", "AB", role=TEST)])
    sides = ((("b1",), ("b1",)), (("b2",), ("b1",)))
    both = replace(made, also_train=made.test, meta={"batches_by_side": sides})
    found = {s.kind: len(s.at) for s in make_claim(both).strata}
    assert found == {"unseen batch": 1, "": 1}


def test_what_is_neither_gene_nor_compound_by_its_looks_is_called_neither():
    rows = [Row("K", "alpha one"), Row("K", "beta two"), Row("K", "gamma three", TEST)]
    claim = make_claim(split(rows))
    assert claim.regime is Regime.GEX
    assert "1 unseen perturbation in" in claim.sentence()
    assert any("not stated" in s.reason for s in claim.does_not_support())
    genes = make_claim(split([Row("K", "TP53"), Row("K", "GATA1"), Row("K", "STAT1", TEST)]))
    assert "1 unseen gene in" in genes.sentence()


def test_a_file_that_lists_no_training_set_is_believed_with_a_proviso():
    made = split([*grid("M", "ABC", role=TEST)])
    told = replace(made, assumed="the file lists no training set", meta={"unlisted": ["M"]})
    claim = make_claim(told)
    assert claim.regime is Regime.FEW_SHOT
    assert claim.sentence().endswith("in which it was shown some perturbations, if the training set is as assumed.")
