"""What the counts of a published screen allow, held against what its table would."""

from __future__ import annotations

import itertools

import pytest

from vcassay.claim.applications import FITS, USES, fit_of
from vcassay.claim.potential import potentials
from vcassay.claim.prospects import _facts, limits_of_all, prospects, use_fits
from vcassay.core import Conditions, Regime
from vcassay.screen.datasets import Dataset, datasets, read_dataset

ALL = list(datasets())


def answers(name: str) -> dict[Regime, str]:
    return {p.regime: p.answer for p in prospects(read_dataset(name))}


@pytest.mark.parametrize("d", ALL, ids=[d.name for d in ALL])
def test_claims_follow_from_the_counts(d: Dataset):
    found = {p.regime: p for p in prospects(d)}
    c = d.counts
    assert (Regime.GEX in found) == d.has_genes
    assert (Regime.DEX in found) == d.has_compounds
    for regime in (Regime.CEX, Regime.FEW_SHOT):
        assert (found[regime].answer == "no") == (c.contexts == 1)
    assert (found[Regime.AEX].answer == "no") == (c.contexts == 1 or c.perturbations == 1)
    assert (found[Regime.COMBINATION].answer == "yes") == bool(c.combinations)
    assert (found[Regime.DOSE].answer == "yes") == ((c.doses or 0) > 1)
    assert (found[Regime.MODALITY].answer == "yes") == (len(d.kinds) > 1)
    told = any("fewer than 5" in limit for limit in found[Regime.CEX].limits)
    assert told == (found[Regime.CEX].answer == "yes" and (c.contexts or 0) <= 18)
    assert [u.use for u in use_fits(d)] == list(USES)
    for use in use_fits(d):
        assert use.fit in FITS
        assert use.reason
        assert (use.regime is None) == (use.fit == "none")


def test_one_line_says_nothing_of_contexts():
    found = answers("replogle2022-k562-essential")
    assert found[Regime.CEX] == found[Regime.AEX] == found[Regime.FEW_SHOT] == "no"
    assert found[Regime.GEX] == "yes"
    assert {u.use: u.fit for u in use_fits(read_dataset("replogle2022-k562-essential"))}["target-id"] == "diagnostic"


def test_states_of_one_line_are_no_lines():
    (cex,) = (p for p in prospects(read_dataset("datlinger2021")) if p.regime is Regime.CEX)
    assert any("come from 1 line or donor" in limit for limit in cex.limits)
    assert any("one context is left to train on" in limit for limit in cex.limits)
    assert {u.use: u.fit for u in use_fits(read_dataset("datlinger2021"))}["selectivity"] == "partial"


def counted(**counts: int) -> dict[Regime, tuple[str, ...]]:
    """What limits each claim on a screen of these counts."""
    some = read_dataset("datlinger2021")
    changed = some.model_copy(update={"counts": some.counts.model_copy(update=counts)})
    return {p.regime: p.limits for p in prospects(changed)}


def test_contexts_of_as_many_lines_are_lines():
    assert not any("come from" in limit for limit in counted(contexts=6, origins=6)[Regime.CEX])
    assert any("come from" in limit for limit in counted(contexts=6, origins=5)[Regime.CEX])


def test_two_contexts_limit_what_is_unseen_and_not_what_is_shown():
    found = counted(contexts=2)
    assert any("left to train on" in limit for limit in found[Regime.CEX])
    assert not any("left to train on" in limit for limit in found[Regime.FEW_SHOT])
    assert not any("left to train on" in limit for limit in counted(contexts=3)[Regime.CEX])


def test_of_equal_fits_the_weakest_is_named_where_it_serves_directly_and_else_the_strongest():
    for d in ALL:
        possible = [p.regime for p in prospects(d) if p.answer == "yes"]  # the strongest first
        for use in use_fits(d):
            if use.regime is None:
                continue
            alike = [r for r in possible if fit_of(use.use, r, _facts(d, r)).fit == use.fit]
            narrow = [r for r in alike if r is not Regime.AEX] or alike
            assert use.regime is (narrow[-1] if use.fit == "direct" else narrow[0])


def test_what_is_not_known_is_said():
    assert answers("x-atlas-pisces")[Regime.GEX] == "unknown"
    assert answers("dixit2016")[Regime.COMBINATION] == "unknown"
    assert answers("vcc-2026")[Regime.CEX] == "unknown"


def test_what_limits_every_claim():
    assert "withheld" in limits_of_all(read_dataset("vcc-2026"))[0]
    assert "noise ceiling" in limits_of_all(read_dataset("l1000-gse92742"))[0]
    assert limits_of_all(read_dataset("norman2019")) == ()


@pytest.mark.parametrize("name", ["sciplex3", "norman2019", "combosciplex", "datlinger2021"])
def test_a_table_of_these_counts_gives_the_same_answers(name):
    """An independent way: build the conditions, draw the splits."""
    d = read_dataset(name)
    c = d.counts
    single = [f"{'drug' if d.has_compounds else 'GENE'}{i}" for i in range(min(c.perturbations or 0, 24))]
    pairs = list(itertools.combinations(single, 2))[: min(c.combinations or 0, 30)]
    parts = [*((s,) for s in single), *pairs]
    rows = list(itertools.product(range(c.contexts or 1), parts, range(c.doses or 1)))
    conditions = Conditions.make(
        context=[f"line{at}" for at, _, _ in rows],
        parts=[part for _, part, _ in rows],
        dose=[float(dose + 1) if (c.doses or 1) > 1 else float("nan") for _, _, dose in rows],
        modality=["drug" if d.has_compounds else "CRISPRi"] * len(rows),
    )
    drawn = {p.regime: p.possible for p in potentials(conditions)}
    said = {p.regime: p.answer == "yes" for p in prospects(d)}
    common = set(drawn) & set(said)
    assert len(common) >= 7
    assert {r: drawn[r] for r in common} == {r: said[r] for r in common}
