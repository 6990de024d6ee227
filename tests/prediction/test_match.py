from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.claim.builders import Row, table
from tests.effects.builders import biology, vectors
from vcassay.core import InputError
from vcassay.effects import measure
from vcassay.effects.measure import ALL
from vcassay.prediction import Prediction, Space, declare, match_prediction, read_prediction


@pytest.fixture
def perfect(effects, test_set) -> Prediction:
    """The measured effects themselves."""
    return Prediction("model", effects.conditions.take(test_set), effects.genes, effects.delta[test_set].copy())


def check_sentence(error: pytest.ExceptionInfo[InputError], *parts: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    for part in parts:
        assert part in text, text


def note(answer, words: str) -> str:
    found = [n for n in answer.notes if words in n]
    assert len(found) == 1, answer.notes
    return found[0]


def test_a_whole_prediction_is_taken_as_it_is(perfect, effects, test_set):
    answer = match_prediction(perfect, effects, test_set)
    np.testing.assert_array_equal(answer.values, effects.delta[test_set])
    assert set(answer.state.tolist()) == {"ok"}
    assert answer.genes.all()
    assert answer.notes == ()
    assert (answer.name, answer.role, answer.space, answer.profile) == ("model", "submission", "delta", None)


def test_the_order_of_genes_and_rows_does_not_matter(perfect, effects, test_set):
    order = np.random.default_rng(0).permutation(len(effects.genes))
    shuffled = replace(perfect, genes=perfect.genes[order], values=perfect.values[:, order])
    answer = match_prediction(shuffled, effects, test_set)
    np.testing.assert_array_equal(answer.values, effects.delta[test_set])


class TestGenes:
    def named(self, perfect, names) -> Prediction:
        return replace(perfect, genes=np.array(names, dtype=str))

    def test_case_and_version(self, perfect, effects, test_set):
        answer = match_prediction(self.named(perfect, [g.lower() for g in effects.genes]), effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])
        note(answer, "whatever their case and version suffix")

    @pytest.mark.parametrize("versioned", ["prediction", "screen", "both"])
    def test_versions_of_ensembl_ids(self, versioned, perfect, effects, test_set):
        plain = [f"ENSG{i:011d}" for i in range(len(effects.genes))]
        theirs = [f"{g}.3" for g in plain] if versioned in ("prediction", "both") else plain
        ours = [f"{g}.12" for g in plain] if versioned in ("screen", "both") else plain
        screen = replace(effects, genes=np.array(ours))
        answer = match_prediction(self.named(perfect, theirs), screen, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])

    def test_a_dot_in_a_symbol_is_no_version(self, perfect, effects, test_set):
        symbols = [f"RP11-{i}.{i}" for i in range(len(effects.genes))]
        screen = replace(effects, genes=np.array(symbols))
        answer = match_prediction(self.named(perfect, [s.lower() for s in symbols]), screen, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])

    def test_other_names_in_the_file(self, perfect, effects, test_set):
        ids = np.array([f"ENSG{i:011d}" for i in range(len(effects.genes))])
        known = replace(
            self.named(perfect, ids), aliases={"chromosome": np.full(len(ids), "1"), "symbol": effects.genes}
        )
        answer = match_prediction(known, effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])
        note(answer, "taken from var column 'symbol'")

    def test_other_names_are_read_from_the_file(self, simulation, effects, test_set, tmp_path):
        import anndata as ad
        import pandas as pd

        obs = pd.DataFrame(effects.conditions.take(test_set).columns())
        obs = obs.rename(columns={"dose": "dose_uM"}).set_axis([f"r{i}" for i in range(len(obs))])
        var = pd.DataFrame({"gene_name": effects.genes}, index=[f"ENSG{i:011d}" for i in range(len(effects.genes))])
        ad.AnnData(effects.delta[test_set], obs=obs, var=var).write_h5ad(tmp_path / "p.h5ad")
        prediction = read_prediction(tmp_path / "p.h5ad", simulation.screen.design)
        answer = match_prediction(prediction, effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])

    def test_ensembl_ids_against_symbols(self, perfect, effects, test_set):
        foreign = self.named(perfect, [f"ENSG{i:011d}" for i in range(len(effects.genes))])
        with pytest.raises(InputError) as error:
            match_prediction(foreign, effects, test_set)
        scored = effects.genes[effects.mask.any(axis=0)]
        n = len(scored)
        check_sentence(error, f"misses {n} of {n} scored genes", "one has Ensembl ids, the other symbols", scored[4])
        assert f"and {n - 5} more" in str(error.value)
        assert scored[5] not in str(error.value)

    def test_another_panel(self, perfect, effects, test_set):
        with pytest.raises(InputError) as error:
            match_prediction(self.named(perfect, [f"X{i}" for i in range(len(effects.genes))]), effects, test_set)
        check_sentence(error, "model, gene names", "use the screen's gene names")
        assert "Ensembl" not in str(error.value)

    def test_half_of_the_scored_genes_suffices(self, perfect, effects, test_set):
        scored = np.flatnonzero(effects.mask.any(axis=0))
        n = len(scored)
        kept = np.sort(scored[: -(-n // 2)])
        answer = match_prediction(
            replace(perfect, genes=perfect.genes[kept], values=perfect.values[:, kept]), effects, test_set
        )
        np.testing.assert_array_equal(np.flatnonzero(answer.genes), kept)
        assert np.isnan(answer.values[:, ~answer.genes]).all()
        assert set(answer.state.tolist()) == {"ok"}
        assert note(answer, "scored genes are not predicted").startswith(f"{n - len(kept)} of {n} ")
        fewer = kept[:-1]
        with pytest.raises(InputError, match=rf"misses {n - len(fewer)} of {n} scored genes"):
            match_prediction(
                replace(perfect, genes=perfect.genes[fewer], values=perfect.values[:, fewer]), effects, test_set
            )

    def test_genes_that_are_not_scored_may_be_missing_without_a_word(self, perfect, effects, test_set):
        kept = np.flatnonzero(effects.mask.any(axis=0))
        answer = match_prediction(
            replace(perfect, genes=perfect.genes[kept], values=perfect.values[:, kept]), effects, test_set
        )
        assert answer.notes == ()


class TestConditions:
    def test_missing_ones_are_abstentions(self, perfect, effects, test_set):
        part = replace(perfect, conditions=perfect.conditions.take(np.arange(4)), values=perfect.values[:4])
        answer = match_prediction(part, effects, test_set)
        assert answer.state.tolist() == ["ok"] * 4 + ["missing"] * (len(test_set) - 4)
        assert np.isnan(answer.values[4:]).all()
        text = note(answer, "count as abstentions")
        assert text.startswith(f"{len(test_set) - 4} of {len(test_set)} test conditions")
        assert perfect.conditions.ids[4] in text

    @pytest.mark.parametrize("gaps", [slice(None), slice(3, 4)])
    def test_a_row_with_nan_is_an_abstention(self, gaps, perfect, effects, test_set):
        values = perfect.values.copy()
        values[2, gaps] = np.nan
        answer = match_prediction(replace(perfect, values=values), effects, test_set)
        assert answer.state.tolist() == ["ok", "ok", "abstained"] + ["ok"] * (len(test_set) - 3)

    def test_others_are_left_out_and_counted(self, effects, test_set):
        every = Prediction("model", effects.conditions, effects.genes, effects.delta)
        answer = match_prediction(every, effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])
        extra = len(effects.conditions) - len(test_set)
        assert note(answer, "no test conditions").startswith(f"{extra} predicted conditions")

    def test_none_that_match_are_refused_with_what_is_missing(self, perfect, effects, test_set):
        foreign = table([Row("K", f"X{i}") for i in range(7)])
        with pytest.raises(InputError) as error:
            match_prediction(replace(perfect, conditions=foreign, values=perfect.values[:7]), effects, test_set)
        wanted = perfect.conditions.ids
        check_sentence(
            error,
            f"predicts none of the {len(wanted)} test conditions",
            f"wanted: {', '.join(wanted[:5])} and {len(wanted) - 5} more",
            "has: K | X0, K | X1, K | X2, K | X3, K | X4 and 2 more",
            "use the screen's labels",
        )

    def test_a_context_may_be_missing_if_one_is_wanted(self, perfect, effects, test_set):
        c = perfect.conditions
        bare = replace(perfect, conditions=type(c)(np.full(len(c), "all"), c.parts, c.dose, c.time, c.modality))
        answer = match_prediction(bare, effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])
        assert note(answer, "unambiguous").startswith("has no context, time: matched")

    def test_not_if_several_are(self, perfect, effects):
        c = perfect.conditions
        bare = replace(perfect, conditions=type(c)(np.full(len(c), "all"), c.parts, c.dose, c.time, c.modality))
        with pytest.raises(InputError, match="predicts none of the"):
            match_prediction(bare, effects, np.arange(len(effects.conditions)))

    def test_a_dose_may_be_missing_if_each_has_one(self, perfect, effects, test_set):
        dose = effects.conditions.dose[test_set]
        one = test_set[np.isnan(dose) | (dose == 5.0)]
        c = effects.conditions.take(one)
        bare = type(c)(c.context, c.parts, np.full(len(c), np.nan), c.time, c.modality)
        prediction = Prediction("model", bare, effects.genes, effects.delta[one])
        answer = match_prediction(prediction, effects, one)
        # guides match as they are, drugs without their dose
        assert set(answer.state.tolist()) == {"ok"}
        np.testing.assert_array_equal(answer.values, effects.delta[one])
        note(answer, "has no dose")

    def test_not_if_several_doses_are_wanted(self, effects, test_set):
        dosed = test_set[np.isfinite(effects.conditions.dose[test_set])]
        one = effects.conditions.take(dosed[effects.conditions.dose[dosed] == 5.0])
        bare = type(one)(one.context, one.parts, np.full(len(one), np.nan), one.time, one.modality)
        prediction = Prediction("model", bare, effects.genes, np.zeros((len(one), len(effects.genes))))
        with pytest.raises(InputError, match="and a column for its context and dose"):
            match_prediction(prediction, effects, dosed)

    def test_the_parts_of_a_combination_in_any_order(self, perfect, effects, test_set):
        c = perfect.conditions
        swapped = type(c).make(c.context, [p[::-1] for p in c.parts], c.dose, c.time)
        assert match_prediction(replace(perfect, conditions=swapped), effects, test_set).notes == ()


class TestExpression:
    """A profile stands on a control: the one that the model saw."""

    def answer(self, effects, test_set, control, controls):
        profile = effects.delta[test_set] + control[test_set]
        prediction = Prediction(
            "model",
            effects.conditions.take(test_set),
            effects.genes,
            profile,
            Space.EXPRESSION,
            declare(controls=controls),
        )
        return match_prediction(prediction, effects, test_set), profile

    def test_training_controls(self, effects, test_set):
        answer, profile = self.answer(effects, test_set, effects.control_train, "training")
        np.testing.assert_allclose(answer.values, effects.delta[test_set], atol=1e-12)
        np.testing.assert_array_equal(answer.profile, profile)
        assert answer.space == "expression"
        note(answer, "minus the controls left to training")

    @pytest.mark.parametrize(
        ("controls", "words"), [("all", "as it declares"), (None, "is not declared"), ("none", "seen none")]
    )
    def test_all_controls_otherwise(self, controls, words, effects, test_set):
        answer, _ = self.answer(effects, test_set, effects.moments.control(ALL, ALL), controls)
        np.testing.assert_allclose(answer.values, effects.delta[test_set], atol=1e-12)
        assert words in note(answer, "minus all measured controls")

    @pytest.mark.parametrize("controls", ["training", "all", None])
    def test_never_the_reserved_ones_alone(self, controls, effects, test_set):
        answer, _ = self.answer(effects, test_set, effects.control, controls)
        assert np.abs(answer.values - effects.delta[test_set]).max() > 0.01

    def test_too_few_to_reserve_any(self):
        unit, _ = biology(1, 6, 20)
        shared = measure(vectors(1, unit, n_controls=(3,), level=20.0).screen)
        answer, _ = self.answer(shared, np.arange(6), shared.control, "training")
        np.testing.assert_allclose(answer.values, shared.delta, atol=1e-12)
        note(answer, "too few to reserve any")

    def test_an_effect_has_nothing_subtracted(self, perfect, effects, test_set):
        answer = match_prediction(replace(perfect, disclosure=declare(controls="training")), effects, test_set)
        np.testing.assert_array_equal(answer.values, effects.delta[test_set])


def test_ablations_are_matched_alike(perfect, effects, test_set):
    disturbed = replace(perfect, name="model, zeroed", values=0 * perfect.values)
    answer = match_prediction(replace(perfect, ablations={"zeroed": disturbed}), effects, test_set)
    assert list(answer.ablations) == ["zeroed"]
    np.testing.assert_array_equal(answer.ablations["zeroed"].values, 0.0)
    assert answer.ablations["zeroed"].name == "model, zeroed"


def test_the_prediction_is_not_changed(perfect, effects, test_set):
    before = perfect.values.copy()
    match_prediction(replace(perfect, space=Space.EXPRESSION), effects, test_set)
    np.testing.assert_array_equal(perfect.values, before)
