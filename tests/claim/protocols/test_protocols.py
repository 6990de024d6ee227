"""Published protocols yield the claim that their structure supports, and no stronger one."""

from __future__ import annotations

import inspect
from itertools import pairwise
from typing import NamedTuple

import pytest
from pydantic import ValidationError
from tests.claim.builders import Row, table

from vcassay.claim import make_claim
from vcassay.claim.make import MAKERS, make_split
from vcassay.claim.protocols import Protocol, protocol_options, protocols, read_protocol
from vcassay.claim.protocols.protocol import NEAREST
from vcassay.core import InputError, Regime

FEW, GEX, DEX, CEX, AEX, COMBINATION = (
    Regime.FEW_SHOT,
    Regime.GEX,
    Regime.DEX,
    Regime.CEX,
    Regime.AEX,
    Regime.COMBINATION,
)


class Wanted(NamedTuple):
    """What a protocol has to come out as."""

    regime: Regime
    sentence: str
    """A piece of the claim: its numbers."""
    make: str = ""
    traps: tuple[str, ...] = ()
    """Words of the titles of traps that it must not lose."""


WANTED = {
    "chemcpa-nine-drugs": Wanted(DEX, "9 unseen compounds in 3 contexts", "dex", ("mechanism", "pretraining")),
    "effect-aex": Wanted(AEX, "unseen perturbations in unseen contexts", "aex", ("Relatives",)),
    "effect-cex": Wanted(CEX, "perturbations in unseen contexts", "cex", ("Related lines", "Means")),
    "effect-dex": Wanted(DEX, "unseen compounds in contexts", "dex", ("Name-exclusive",)),
    "effect-rnd": Wanted(FEW, "was shown some", "", ("weakest", "Means")),
    "gears-adamson": Wanted(GEX, "22 unseen genes in 1 context", "gex", ("mean", "Copies", "graph")),
    "gears-replogle-k562": Wanted(GEX, "273 unseen genes in 1 context", "gex", ("Essential", "Copies", "relatives")),
    "gears-replogle-rpe1": Wanted(GEX, "386 unseen genes in 1 context", "gex", ("Essential", "relatives")),
    "gears-simulation": Wanted(
        COMBINATION, "79 unseen combinations in 1 context", "gears-simulation",
        ("order", "Differential", "graph", "validation", "relatives", "additive", "Annotations"),
    ),
    "genbio-tahoe-dex": Wanted(DEX, "75 unseen compounds in 45 contexts", "dex", ("Name", "Salts", "dose", "oracle")),
    "leak-proof-cmap": Wanted(AEX, "unseen perturbations in unseen contexts", "aex", ("second-hand",)),
    "lpm-pair-completion": Wanted(
        FEW, "was shown some", "perturbench-transfer", ("Neither CEX nor DEX", "other contexts", "target", "name")
    ),
    "norman-doubles": Wanted(COMBINATION, "31 unseen combinations (2 of 2 parts seen)", "combination", ("additive",)),
    "op3-neurips2023": Wanted(FEW, "k = 67 compounds (46%)", "few-shot", ("Not CEX", "Two versions", "scaffolds")),
    "perturbench-combination": Wanted(COMBINATION, "(2 of 2 parts seen)", "combination", ("additive", "Controls")),
    "perturbench-transfer": Wanted(
        FEW, "about 70%", "perturbench-transfer", ("another name", "No unseen", "Controls", "setting")
    ),
    "replogle-cross-context": Wanted(CEX, "an unseen context", "cex", ("Few contexts", "Essential")),
    "replogle-essential-gex": Wanted(
        GEX, "400 unseen genes in 4 contexts", "gex", ("Essential", "relatives", "oracle")
    ),
    "sciplex3-op3-joint": Wanted(AEX, "27 unseen compounds in an unseen context", "aex", ("Few records", "Rankings")),
    "sciplex3-op3-moa": Wanted(DEX, "28 unseen compounds in 4 contexts", "group", ("nothing", "Scaffolds")),
    "sciplex3-op3-random": Wanted(FEW, "about 80%", "", ("Not DEX", "Rankings")),
    "sciplex3-op3-scaffold": Wanted(DEX, "28 unseen compounds in 4 contexts", "group", ("Mechanisms", "Rankings")),
    "state-parse-pbmc-fewshot": Wanted(FEW, "k = 24 cytokines (27%)", "few-shot", ("Not CEX", "Donors", "Pretraining")),
    "state-replogle-fewshot": Wanted(
        FEW, "k = 310 perturbations (30%)", "few-shot",
        ("Not CEX", "misnamed", "Few contexts", "Essential", "linear", "domain", "Pretraining", "released"),
    ),
    "state-replogle-zeroshot": Wanted(
        CEX, "an unseen context", "cex", ("Pretraining", "Few contexts", "Essential", "mean", "linear")
    ),
    "state-tahoe-fewshot": Wanted(
        FEW, "735 drug-dose conditions in 5 contexts", "few-shot",
        ("Not CEX", "Dose siblings", "Duplicate compounds", "Vehicle", "overlapping", "plates", "linear"),
    ),
    "state-tahoe-zeroshot": Wanted(
        CEX, "1,137 drug-dose conditions in 5 unseen contexts", "cex", ("Pretraining", "look-up", "oracle")
    ),
    "systema-unseen-gene": Wanted(GEX, "unseen genes", "gears-simulation", ("Systematic", "relatives", "order")),
    "tahoe-cex": Wanted(
        CEX, "1,137 drug-dose conditions in 10 unseen contexts", "cex", ("plates", "Pretraining", "Related")
    ),
    "tahoe-dex": Wanted(DEX, "76 unseen compounds in 50 contexts", "dex", ("tiers", "Salts", "plates", "Pretraining")),
    "tahoe-x1-fewshot": Wanted(
        FEW, "735 drug-dose conditions", "few-shot", ("Pretraining", "Not CEX", "Dose siblings", "Vehicle")
    ),
    "tahoe-x1-parse-zeroshot": Wanted(CEX, "90 cytokines in 4 unseen contexts", "cex", ("Donors", "Pretraining")),
    "tahoe-x1-zeroshot": Wanted(CEX, "although pretraining held perturbed cells", "cex", ("Pretraining", "Means")),
    "txpert-doubles": Wanted(COMBINATION, "unseen combinations", "", ("parts", "public code", "features")),
    "txpert-k562-gex": Wanted(GEX, "unseen genes in 1 context", "gex", ("Filtered", "Essential", "features")),
    "txpert-leave-one-line": Wanted(
        CEX, "an unseen context", "cex", ("Few contexts", "test line", "Filtered", "Response-derived", "Pairing")
    ),
    "vcc-2025": Wanted(
        GEX, "100 unseen genes in 1 context that it was trained on", "gex",
        ("Cell numbers", "gamed", "External", "mean"),
    ),
    "vcc-2026": Wanted(
        CEX, "300 perturbations in 3 unseen contexts", "cex",
        ("Three lines", "undisclosed", "elsewhere", "strong", "oracle", "panels"),
    ),
    "x-atlas-cross-context": Wanted(CEX, "an unseen context", "cex", ("Two contexts", "Siblings", "Overlap")),
    "x-cell-gex": Wanted(GEX, "unseen genes in 2 contexts", "", ("Held out where", "Response-derived", "Overlap")),
    "x-cell-jurkat-cex": Wanted(CEX, "2 unseen contexts", "cex", ("Which weights", "One line", "Response-derived")),
}  # fmt: skip


def words_of(protocol: Protocol) -> str:
    """Every sentence of the claim."""
    claimed = [protocol.sentence(), protocol.definition]
    reasoned = (*protocol.supports(), *protocol.does_not_support(), *protocol.provisos())
    return " ".join([*claimed, *(f"{s.sentence} {s.reason}" for s in reasoned)])


def test_the_table_names_every_protocol():
    assert [p.name for p in protocols()] == sorted(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_regime_numbers_and_traps(name):
    protocol, wanted = read_protocol(name), WANTED[name]
    assert protocol.regime is wanted.regime
    assert wanted.sentence in protocol.sentence()
    titles = [t.title for t in protocol.traps]
    assert len(titles) == len(set(titles))
    for words in wanted.traps:
        assert any(words in title for title in titles), words
    if wanted.make:
        assert protocol_options(name)[0] == wanted.make
    else:
        assert protocol.make is None


@pytest.mark.parametrize("name", WANTED)
def test_every_protocol_is_whole(name):
    protocol = read_protocol(name)
    assert sum(s.share for s in protocol.strata) == pytest.approx(1.0, abs=1e-6)
    assert protocol.source
    assert protocol.note
    assert protocol.supports()
    assert protocol.does_not_support()
    for word in ("None", "nan", "{", "  "):
        assert word not in words_of(protocol)
    assert protocol.sentence().endswith(".")
    for text in (protocol.definition, *(t.sentence for t in protocol.traps)):
        assert text == text.strip()
        assert text.endswith((".", ")"))
    for stratum in protocol.strata:
        assert stratum.shots is None or stratum.regime is FEW
        if stratum.shots is not None and stratum.shots_share is not None:
            assert 0 < stratum.shots_share < 1 <= stratum.shots


@pytest.mark.parametrize("name", [n for n, w in WANTED.items() if w.regime is FEW])
def test_few_shot_is_never_sold_as_an_unseen_context(name):
    protocol = read_protocol(name)
    assert any("CEX" in s.sentence for s in protocol.does_not_support())
    assert "unseen context" not in protocol.sentence()
    assert "only control cells" not in " ".join(s.sentence for s in protocol.supports())


@pytest.mark.parametrize("name", [n for n, w in WANTED.items() if w.regime in (CEX, AEX)])
def test_an_unseen_context_asks_for_pretraining(name):
    protocol = read_protocol(name)
    clause = {"unknown": "provided that pretraining held no", "yes": "although pretraining held"}
    assert clause[protocol.pretraining] in protocol.sentence()


def test_state_on_tahoe_is_few_shot_with_its_numbers_and_not_cex():
    protocol = read_protocol("state-tahoe-fewshot")
    words = words_of(protocol)
    assert "k = 348 drug-dose conditions (31%)" in words
    assert "counted from the published lists" in protocol.sentence()
    assert any(t.status == "FAIL" and "Dose" in t.title and "138 of 735" in t.sentence for t in protocol.traps)
    (stratum,) = protocol.strata
    assert stratum.perturbations == 199 * 3 + 69 * 2
    assert stratum.shots == 379 * 3 - stratum.perturbations - (56 - 2)
    assert stratum.shots_share == pytest.approx(stratum.shots / (379 * 3), abs=5e-4)


def test_zero_shot_on_tahoe_is_cex_and_asks_what_the_embedding_saw():
    protocol = read_protocol("state-tahoe-zeroshot")
    assert any(t.status == "UNKNOWN" and t.title == "Pretraining" for t in protocol.traps)
    assert protocol.pretraining == "unknown"
    assert any("pretraining" in s.sentence for s in protocol.provisos())
    assert not any("DMSO" in t.sentence for t in protocol.traps)


def test_pretraining_on_the_test_cells_is_said_wherever_the_claim_is():
    protocol = read_protocol("tahoe-x1-zeroshot")
    assert all("although pretraining held" in s.reason for s in protocol.supports())
    assert any("never seen" in s.sentence for s in protocol.does_not_support())
    assert {p.name for p in protocols() if p.pretraining == "yes"} == {"tahoe-x1-fewshot", "tahoe-x1-zeroshot"}


def test_gears_has_a_stratum_for_each_number_of_seen_genes():
    protocol = read_protocol("gears-simulation")
    counts = {s.kind or s.regime.value: s.perturbations for s in protocol.strata}
    assert counts == {"GEX": 37, "0 of 2 parts seen": 9, "1 of 2 parts seen": 52, "2 of 2 parts seen": 18}
    words = words_of(protocol)
    for told in ("never trained", "each with 1 of 2 parts trained", "of parts that were all trained"):
        assert told in words
    assert "combinations" not in " ".join(s.sentence for s in protocol.does_not_support())


def test_doubles_of_seen_genes_say_nothing_of_unseen_parts():
    for name in ("norman-doubles", "perturbench-combination"):
        assert any("never perturbed" in s.sentence for s in read_protocol(name).does_not_support())


def test_the_truth_of_challenges_is_private():
    private = {p.name: p.truth_since for p in protocols() if p.truth == "private"}
    assert private == {"vcc-2025": "2025", "vcc-2026": "2026-08-20"}


def test_what_was_compared_is_not_called_name_alone():
    for name, by in (("sciplex3-op3-scaffold", "scaffold"), ("sciplex3-op3-moa", "mechanism")):
        words = words_of(read_protocol(name))
        assert by in words
        assert "by name" not in words


@pytest.mark.parametrize("name", [n for n, w in WANTED.items() if w.make])
def test_the_maker_takes_each_option(name):
    make, options = protocol_options(name)
    takes = set(inspect.signature(MAKERS[make]).parameters) - {"conditions", "seed"}
    assert set(options) <= takes | {"tier", "groups", "together"}
    assert all(isinstance(v, str | int | float | tuple) for v in options.values())


CONTEXTS, PERTURBATIONS, SCAFFOLDS = 8, 24, 6


@pytest.mark.parametrize("name", [n for n, w in WANTED.items() if w.make])
def test_what_is_drawn_has_the_regime_of_the_protocol(name):
    protocol = read_protocol(name)
    make, options = protocol_options(name)
    agent = protocol.modality in ("drug", "cytokine") or protocol.regime is DEX
    contexts = [*protocol.contexts_test, *(f"c{i}" for i in range(CONTEXTS))]
    single = [f"p{i:02}" for i in range(PERTURBATIONS)]
    double = [f"{a}+{b}" for a, b in pairwise(single)] if protocol.modality == "CRISPRa" else []
    doses = (0.1, 1.0) if agent else (float("nan"),)
    modality = protocol.modality or ("drug" if agent else "CRISPRi")
    rows = [Row(c, p, dose=d, modality=modality) for c in contexts for p in (*single, *double) for d in doses]
    family = [f"f{int(r.perturbation[1:3]) % SCAFFOLDS}" for r in rows]
    own = {k: v for k, v in options.items() if k not in ("together", "groups")}
    split = make_split(table(rows, scaffold=family, moa=family), make, seed=1, **own)
    assert make_claim(split).regime is protocol.regime


def test_the_2025_challenge_without_external_data_is_gex():
    assert protocol_options("vcc-2025")[0] == "gex"
    assert "few-shot context (k = 150 genes shown, 50 %)" in read_protocol("vcc-2025").definition
    assert any("the same test is few-shot context" in t.sentence for t in read_protocol("vcc-2025").traps)


def test_a_structure_that_cannot_be_drawn_says_what_can():
    with pytest.raises(InputError, match="make = 'few-shot'"):
        protocol_options("effect-rnd")
    with pytest.raises(InputError, match="did you mean"):
        protocol_options("efect-rnd")
    assert set(NEAREST) == set(Regime)
    assert set(NEAREST.values()) <= set(MAKERS)


def test_a_make_table_without_a_maker_is_refused():
    data = {**read_protocol("tahoe-cex").model_dump(), "make": {"fraction": 0.2}}
    with pytest.raises(ValidationError, match="names no maker"):
        Protocol.model_validate(data)


def test_a_name_that_nobody_knows():
    with pytest.raises(InputError, match="did you mean 'vcc-2025'"):
        read_protocol("vcc2025")
