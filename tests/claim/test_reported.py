"""Claims of published benchmarks: from a protocol, from strata, or none."""

from __future__ import annotations

import pytest

from vcassay.claim.protocols import protocols, read_protocol
from vcassay.claim.reported import SPLIT_QUESTION, judge_claim, stated_split, title, titles, wanted
from vcassay.core import InputError, Regime, Status
from vcassay.record.card import Benchmark, StatedStratum

CEX = StatedStratum(regime=Regime.CEX, contexts_test=3, perturbations=40)


def test_a_protocol_gives_the_same_claim_as_by_itself() -> None:
    for protocol in protocols():
        split = stated_split(Benchmark(dataset=(protocol.dataset,), protocol=protocol.name), protocol.pretraining)
        assert split is not None
        assert split.sentence() == protocol.sentence()
        assert split.fits() == protocol.fits()
        assert split.truth == protocol.truth


def test_strata_of_the_card_win_over_the_protocol() -> None:
    split = stated_split(Benchmark(dataset=("d",), protocol="state-tahoe-fewshot", strata=(CEX,)))
    assert split is not None
    assert split.regime is Regime.CEX
    assert split.modality == "drug"


def test_since_when_the_truth_is_public_is_the_protocols_to_say() -> None:
    dated = next(p for p in protocols() if p.truth == "public" and p.truth_since)
    split = stated_split(Benchmark(dataset=("d",), protocol=dated.name))
    assert (split.truth, split.truth_since) == ("public", dated.truth_since)
    split = stated_split(Benchmark(dataset=("d",), protocol=dated.name, truth="private"))
    assert (split.truth, split.truth_since) == ("private", "")


def test_pretraining_belongs_to_the_reviewed_model() -> None:
    benchmark = Benchmark(dataset=("d",), strata=(CEX,))
    assert "provided that pretraining" in stated_split(benchmark).sentence()
    assert "although pretraining" in stated_split(benchmark, "yes").sentence()
    assert "pretraining" not in stated_split(benchmark, "no").sentence()


def test_a_split_that_is_not_described_is_a_question() -> None:
    benchmark = Benchmark(dataset=("d",))
    assert stated_split(benchmark) is None
    (found,) = judge_claim(benchmark, None, "target-id")
    assert (found.check, found.status, found.question) == ("split", Status.UNKNOWN, SPLIT_QUESTION)


def test_several_kinds_are_counted_by_regime() -> None:
    benchmark = Benchmark(dataset=("d",), protocol="gears-simulation")
    found = {f.check: f for f in judge_claim(benchmark, stated_split(benchmark), "target-id")}
    assert "2 kinds" in found["strata"].sentence
    assert found["use"].status is Status.WARN
    assert "CEX" in found["use"].remedy


def test_titles_tell_benchmarks_apart() -> None:
    one, other = Benchmark(dataset=("a",), strata=(CEX,)), Benchmark(dataset=("b",), strata=(CEX,))
    named = Benchmark(dataset=("a",), protocol="tahoe-cex")
    assert title(named) == read_protocol("tahoe-cex").title
    assert titles([one, other]) == ("a (CEX)", "b (CEX)")
    assert titles([one, one]) == ("a (CEX), number 1", "a (CEX), number 2")
    twice = titles([named, named.model_copy(update={"dataset": ("b",)})])
    assert len(set(twice)) == 2
    assert title(Benchmark(dataset=())) == "a data set"


@pytest.mark.parametrize(("use", "regime"), [("target-id", "CEX"), ("unseen-compound", "DEX"), ("screening", "few")])
def test_a_remedy_names_what_fits(use: str, regime: str) -> None:
    assert regime in wanted(use)


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(InputError, match="did you mean 'tahoe-cex'"):
        stated_split(Benchmark(dataset=("d",), protocol="tahoe-cexx"))


def test_a_data_set_is_called_by_its_name_where_that_tells_it_from_others() -> None:
    assert title(Benchmark(dataset="gdsc")) == "GDSC"
    assert title(Benchmark(dataset=["replogle2022-rpe1", "norman2019"])) == "replogle2022-rpe1 + Norman et al. 2019"
    assert title(Benchmark(dataset="my own screen", by="others")) == "my own screen, run by others"
