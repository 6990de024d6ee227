"""The cards of the package: every model is there, and no fact is said to be better known than it is."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import pytest
from tests.verdict.field_table import KNOWN, NOT_QUOTED, NUMBERS, PARTS

from vcassay.claim.protocols import read_protocol
from vcassay.core import InputError
from vcassay.record.card import EVIDENCE, EXTENT, Card
from vcassay.record.card.source import Evidence, Stated
from vcassay.run.review import check_names, review_card
from vcassay.screen.datasets import datasets
from vcassay.verdict.cards import card_names, cards, read_packaged

NAMES = card_names()
MODELS = {
    "CPA", "chemCPA", "GEARS", "Biolord", "SAMS-VAE", "scGPT", "scFoundation", "Geneformer", "UCE", "TranscriptFormer",
    "AIDO.Cell", "scLAMBDA", "GenePert", "CellFlow", "PRESAGE", "Large Perturbation Model", "TxPert", "PertAdapt",
    "STATE", "STACK", "Tahoe-x1", "X-Cell", "rBio", "C2S-Scale", "MORPH", "scDFM", "AdaPert", "SCALE", "CFM-GP",
    "XPert", "PRiMeFlow", "Foundation-model fusion", "OP3: winners of Open Problems at NeurIPS 2023",
    "Virtual Cell Challenge 2025, winners and other entries", "Virtual Cell Challenge 2025, simple entries",
    "L1000 drug models (DeepCE, TranSiGen, PRnet, MultiDCP, DLEPS and others)",
}  # fmt: skip
WORDS = {
    "perturbed expression is not predicted", "one to five public sets, such as Norman, Replogle or ComboSciPlex",
    "L1000 (subset sdst)", "LINCS L1000", "Replogle 2022 (z-scores by gem group)", "a cytokine screen",
    "Replogle 2022 (K562, RPE1)", "several public sets of single and double genes", "Parse-CG (fine-tuning)",
    "a screen of Tian et al. 2021",
}  # fmt: skip
"""Data sets in the words of a publication, where which entry of the registry it is was not recorded."""
ALLOWED: dict[str, tuple[Evidence, ...]] = {
    "R": ("read", "second-hand", "recalled", "inferred"),
    "S": ("second-hand", "recalled", "inferred"),
    "M": ("recalled", "inferred"),
    "I": ("inferred",),
    "-": (),
}
BEST = list(EVIDENCE)


def known(card: Card, fact: Stated) -> Evidence:
    return fact.evidence or card.evidence


def by_others(card: Card, fact: Stated) -> bool:
    """Whether a fact is somebody else's, and as well known as the source that it names."""
    return fact.source in OTHERS


OTHERS = {"vcbench", "confound", "genbio", "ivcbench", "ahlmann", "systema", "perturbench", "miller"}
"""Keys of sources that are not the authors'."""


def facts(card: Card) -> Iterator[tuple[str, Stated]]:
    """Facts of the authors, with the part of the table that they belong to."""
    yield "claim", card.claim
    if card.availability.code or card.availability.licence:
        yield "code", card.availability
    for benchmark in card.benchmark:
        if benchmark.by:
            continue
        yield "data", benchmark
        yield "split", benchmark
        yield from (("metrics", m) for m in benchmark.metrics)
        yield from (("baselines", b) for b in benchmark.baselines)
    yield from (("leakage", note) for note in card.leakage or ())
    yield from (("biology", shown) for shown in card.diagnostic or ())


def test_every_model_of_the_field_has_a_card() -> None:
    assert {c.name for c in cards()} == MODELS
    assert set(NAMES) == set(KNOWN)


@pytest.mark.parametrize("name", NAMES)
def test_no_fact_is_better_known_than_the_table_says(name: str) -> None:
    card = read_packaged(name)
    tags = dict(zip(PARTS, KNOWN[name].split(), strict=True))
    for part, fact in facts(card):
        if by_others(card, fact):
            continue
        allowed = {e for tag in tags[part] for e in ALLOWED[tag]}
        assert known(card, fact) in allowed, (part, fact)


@pytest.mark.parametrize("name", NAMES)
def test_no_fact_is_better_known_than_its_source(name: str) -> None:
    card = read_packaged(name)
    sources = {s.key: s.evidence for s in card.source}
    for fact in card.facts():
        if fact.source:
            assert BEST.index(known(card, fact)) >= BEST.index(sources[fact.source]), fact


@pytest.mark.parametrize("name", NAMES)
def test_what_is_declared_was_read_where_it_is_said_to_be(name: str) -> None:
    card = read_packaged(name)
    tags = dict(zip(PARTS, KNOWN[name].split(), strict=True))
    if known(card, card.disclosure) == "read" and card.disclosure.model_dump(exclude_defaults=True):
        assert "R" in tags["leakage"] + tags["claim"] + tags["data"]


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_used_and_every_card_has_one(name: str) -> None:
    card = read_packaged(name)
    keys = [s.key for s in card.source]
    assert keys
    assert len(set(keys)) == len(keys)
    assert set(keys) == {f.source for f in card.facts()} - {""}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_catalogue_and_of_the_registry(name: str) -> None:
    card = read_packaged(name)
    check_names(card, name)
    for benchmark in card.benchmark:
        assert set(benchmark.dataset) <= {d.name for d in datasets()} | WORDS
        if benchmark.protocol:
            assert read_protocol(benchmark.protocol).modality in ("", "CRISPR", benchmark.modality, None)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_how_much_was_read_and_is_trusted_no_further(name: str) -> None:
    card = read_packaged(name)
    assert card.extent in EXTENT
    assert card.confidence != "high" or card.evidence == "read"
    if card.evidence in ("recalled", "second-hand"):
        assert card.extent != "text"
        assert known(card, card.claim) in ("recalled", "second-hand") or card.claim.source
    record = review_card(card)
    assert (card.extent != "text") == any(f.check == "extent" for f in record.findings)
    assert (card.extent != "text") == ("what is missing on it may be reported there" in " ".join(record.reasons))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_the_specification(name: str) -> None:
    card = read_packaged(name)
    results = [r for b in card.benchmark for r in b.results]
    assert tuple((r.metric, r.value, r.baseline, r.ceiling) for r in results) == NUMBERS.get(name, ())
    assert not {r.value for r in results} & NOT_QUOTED
    for benchmark in card.benchmark:
        for result in benchmark.results:
            assert result.source
            assert result.by == benchmark.by
            if result.against:
                assert result.against in [b.name for b in benchmark.baselines]


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_reviewed_and_says_what_is_missing(name: str) -> None:
    record = review_card(read_packaged(name))
    assert record.questions
    assert record.missing
    assert record.level != "supported"


def test_what_others_ran_is_told_apart_from_what_the_authors_report() -> None:
    record = review_card(read_packaged("gears"))
    titles = [b.title for b in record.benchmarks]
    assert "Norman doubles (Ahlmann-Eltze et al.), run by Ahlmann-Eltze et al. 2025" in titles
    own = [b for b in read_packaged("gears").benchmark if not b.by]
    assert not any(b.results for b in own)


@pytest.mark.parametrize("name", ["gears", "scgpt", "scfoundation"])
def test_where_others_decide_the_verdict_the_other_side_is_heard(name: str) -> None:
    record = review_card(read_packaged(name))
    said = [f.sentence for f in record.findings if f.check == "dispute"]
    assert any("calibrated" in s and "Miller et al. 2025" in s for s in said)
    assert "Miller et al. 2025" in record.reasons[-1]


def test_an_uncertain_leak_decides_nothing() -> None:
    for card in cards():
        for note in card.leakage or ():
            if note.grave:
                assert note.status in ("disclosed", "found")
                assert known(card, note) == "read"


def test_an_unfixed_mistake_in_a_baseline_is_on_the_card() -> None:
    linear = [c for b in read_packaged("state").benchmark for c in b.baselines if c.name == "linear"]
    assert linear
    assert all("mean effect is lost" in c.flaw for c in linear)


def test_a_card_is_found_by_file_and_by_model_and_a_misspelt_one_is_suggested() -> None:
    assert read_packaged("lpm") is read_packaged("Large Perturbation Model")
    with pytest.raises(InputError, match="did you mean 'state'"):
        read_packaged("statte")


def test_nothing_in_the_folder_is_no_card() -> None:
    for file in files("vcassay.verdict.cards").iterdir():
        if file.name.endswith(".toml"):
            assert tomllib.loads(file.read_text(encoding="utf-8"))["schema"] == "vcassay.card/1"


def test_the_field_as_a_whole() -> None:
    """What docs/field.md says of the whole table, counted."""
    own: dict[str, set[str]] = {}
    unseen = set()
    for card in cards():
        record = review_card(card)
        rows = [b for b, c in zip(record.benchmarks, card.benchmark, strict=True) if not c.by]
        own[card.name] = {tier for b in rows for tier in b.tiers}
        unseen |= {card.name for b in rows if b.regime == "CEX"}
        measured = any(d.shown == "measured" for d in card.diagnostic or ())
        assert not ({"T0", "T1", "T2", "T3", "T4"} <= own[card.name] and measured)
    assert not {"STATE", "Tahoe-x1", "X-Cell", "STACK"} & {n for n, tiers in own.items() if "T3" in tiers}
    assert sum("T3" in tiers for tiers in own.values()) == 6
    assert sorted(n for n, tiers in own.items() if "T4" in tiers) == ["Foundation-model fusion", "TxPert"]
    assert unseen == {"rBio", "STACK", "STATE", "Tahoe-x1", "TxPert", "X-Cell", "XPert"}
    named = [c.baseline for card in cards() for b in card.benchmark if not b.by for c in b.baselines]
    assert "additive" not in named
    assert Counter(c.evidence for c in cards()) == {"read": 12, "second-hand": 13, "recalled": 11}
    assert Counter(c.extent for c in cards()) == {"text": 2, "code": 10, "abstract": 13, "nothing": 11}
    assert sum(any(d.shown == "measured" for d in c.diagnostic or ()) for c in cards()) == 5
    assert [c.name for c in cards() if any(b.intervals and not b.by for b in c.benchmark)] == ["PRESAGE"]
    assert len([c for c in cards() if any(r.baseline is not None for b in c.benchmark for r in b.results)]) == 8


def test_the_authors_are_not_asked_for_what_others_left_out() -> None:
    record = review_card(read_packaged("sams-vae"))
    assert any(b.title.endswith("run by PerturBench") for b in record.benchmarks)
    assert not any("PerturBench" in q.question for q in record.questions)
