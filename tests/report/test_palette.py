"""The colours are told apart by everyone, in both lights, and stand out from their paper."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tests.report.vision import VISION, ciede2000, contrast, distance
from vcassay.report.palette import LIGHT, PAIRS, SERIES, SERIES_DARK, STRATA, stylesheet

STATUS = ("good", "part", "warn", "bad", "open", "mute")
TIERS = ("tier-0", "tier-1", "tier-2", "tier-3", "tier-4")
TOGETHER: dict[str, tuple[tuple[str, ...], float]] = {
    "strata": (STRATA, 10.0),
    "status": (STATUS, 8.0),
    "roles of a split": (("train", "val", "test", "excluded", "mixed"), 7.0),
    "bars of a ladder": (("model", "ceiling", "tier-3", "barred"), 7.5),
    "ends of a comparison": (("model", "bad", "mute"), 10.0),
    "shares": (("test", "mixed", "weak"), 10.0),
}
"""Colours that stand side by side, and how far apart they must be (CIEDE2000; 2.3 can just be told from the same)."""
MARKS = ("model", "ceiling", *TIERS, *STRATA, "test")
"""Bars, points and lines that stand on bare paper; the areas of a split are told by texture, place and word."""
TEXT = ("ink", "ink-2", "ink-3", "link", "model", "ceiling", *STATUS)
LIGHTS = pytest.mark.parametrize("light", [0, 1], ids=["light", "dark"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_is_that_of_the_standard(one: tuple[float, ...], other: tuple[float, ...], expected: float) -> None:
    """Pairs of the supplement of Sharma, Wu and Dalal 2005."""
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=5e-5)


def test_contrast_runs_from_1_to_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", TOGETHER)
@LIGHTS
def test_colours_that_stand_together_are_told_apart(name: str, vision: str, light: int) -> None:
    names, least = TOGETHER[name]
    near = {
        (a, b): round(d, 1)
        for a, b in combinations(names, 2)
        if (d := distance(PAIRS[a][light], PAIRS[b][light], vision)) < least
    }
    assert near == {}


@pytest.mark.parametrize("vision", VISION)
@LIGHTS
def test_models_are_told_apart(vision: str, light: int) -> None:
    """Eight models by colour alone, the first four at a glance; shapes differ besides."""
    colors = (SERIES, SERIES_DARK)[light]
    apart = {(i, j): distance(colors[i], colors[j], vision) for i, j in combinations(range(8), 2)}
    assert min(apart.values()) > 8
    assert min(d for (_, j), d in apart.items() if j < 4) > 13


@LIGHTS
def test_tiers_grow_in_strength(light: int) -> None:
    strength = [contrast(PAIRS[name][light], PAIRS["paper"][light]) for name in TIERS]
    assert strength == sorted(strength)
    steps = [distance(PAIRS[a][light], PAIRS[b][light], "full") for a, b in combinations(TIERS, 2)]
    assert min(steps) > 6


@LIGHTS
def test_marks_and_text_stand_out_from_their_paper(light: int) -> None:
    papers = [PAIRS["paper"][light], PAIRS["card"][light]]
    marks = {name: PAIRS[name][light] for name in MARKS}
    marks |= {f"series-{i}": color for i, color in enumerate((SERIES, SERIES_DARK)[light])}
    assert {n: c for n, c in marks.items() if min(contrast(c, p) for p in papers) < 3} == {}
    papers.append(PAIRS["sunk"][light])
    assert [n for n in TEXT if min(contrast(PAIRS[n][light], p) for p in papers) < 4.5] == []
    washes = [(n, f"{n}-wash") for n in STATUS] + [(ink, f"{n}-wash") for n in STATUS for ink in ("ink", "ink-2")]
    assert [pair for pair in washes if contrast(PAIRS[pair[0]][light], PAIRS[pair[1]][light]) < 4.5] == []


def test_every_colour_of_a_drawing_has_one_name() -> None:
    """The style sheet finds a colour by its value, so two names must not share one."""
    drawn = [*LIGHT.values(), *SERIES]
    assert len(drawn) == len(set(drawn))
    for color in drawn:
        assert f'[fill="{color}"]' in stylesheet()
