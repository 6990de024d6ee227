"""Which claims a screen could support, and what is missing for the others."""

from __future__ import annotations

import pytest

from tests.claim.builders import Row, grid, table
from vcassay.claim import find_related
from vcassay.claim.potential import potentials
from vcassay.core import STRENGTH, Regime
from vcassay.knowledge import Knowledge


def possible(rows, **more):
    return {p.regime for p in potentials(table(rows), **more) if p.possible}


SCREENS = {
    "genes in one context": (grid("K", "ABCDEFGH"), {Regime.GEX}),
    "genes in two contexts": (grid("KL", "ABCDEFGH"), {Regime.GEX, Regime.FEW_SHOT, Regime.CEX, Regime.AEX}),
    "compounds at one dose": (grid("K", "ABCDEFGH", dose=1.0), {Regime.DEX}),
    "compounds at two doses": (
        [*grid("K", "ABCDEFGH", dose=1.0), *grid("K", "ABCDEFGH", dose=2.0)],
        {Regime.DEX, Regime.DOSE},
    ),
    "genes at two times": (
        [*grid("K", "ABCDEFGH", time=6.0), *grid("K", "ABCDEFGH", time=24.0)],
        {Regime.GEX, Regime.TIME},
    ),
    "combinations": (
        [*grid("K", "ABCDEFGH"), *(Row("K", f"{a}+{b}") for a, b in ("AB", "CD", "EF", "GH"))],
        {Regime.GEX, Regime.COMBINATION},
    ),
    "two kinds": (
        [*grid("K", "ABCD", modality="CRISPRi"), *grid("K", "WXYZ", dose=1.0, modality="drug")],
        {Regime.GEX, Regime.DEX, Regime.MODALITY},
    ),
}


@pytest.mark.parametrize("name", SCREENS)
def test_what_can_be_drawn(name):
    rows, wanted = SCREENS[name]
    assert possible(rows) == wanted
    for p in potentials(table(rows)):
        assert p.words
        assert p.possible or p.missing


def test_strongest_first():
    order = [STRENGTH.index(p.regime) for p in potentials(table(grid("KLMN", "ABCDEFGH")))]
    assert order == sorted(order, reverse=True)


def test_what_is_missing_for_the_next_stronger_claim():
    found = {p.regime: p for p in potentials(table(grid("K", "ABCDEFGH")))}
    assert "second context" in found[Regime.CEX].missing
    assert "second context" in found[Regime.GEX].missing
    few = {p.regime: p for p in potentials(table(grid("KLMN", "ABCDEFGH")))}
    assert few[Regime.CEX].missing == "5 contexts to hold out beside those to train on (4 contexts measured)"
    many = {p.regime: p for p in potentials(table([Row(f"K{i}", p) for i in range(24) for p in "ABCDEFGH"]))}
    assert many[Regime.CEX].missing == ""


def test_siblings_alone_are_one_context():
    related = find_related(table(grid("KL", "ABCD")), Knowledge(siblings=(("K", "L"),)))
    assert Regime.CEX not in possible(grid("KL", "ABCD"), related=related)
