"""The colours of page and figures: named once, with a twin for dark paper.

Those that are told apart differ by a CIEDE2000 of 7 or more to full sight and without any one cone, text
stands out by 4.5 to 1 and marks by 3 to 1, in both lights; the tests measure it. No judgement is ever
shown by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence

PAIRS: dict[str, tuple[str, str]] = {
    # paper and ink
    "paper": ("#fbfaf8", "#15181d"),
    "card": ("#ffffff", "#1c2026"),
    "sunk": ("#f3f1ec", "#23282f"),
    "rule": ("#e3dfd7", "#323841"),
    "rule-strong": ("#c9c4b9", "#4a525e"),
    "ink": ("#1b2330", "#e9e7e2"),
    "ink-2": ("#4b5565", "#b6bcc6"),
    "ink-3": ("#626c7d", "#929aa7"),
    "link": ("#1c5a94", "#86bdf0"),
    # judgements
    "good": ("#0a6e57", "#5cc7a4"),
    "good-wash": ("#e6f2ed", "#17302a"),
    "part": ("#11507f", "#9bccfb"),
    "part-wash": ("#e8f0f8", "#1a2b3d"),
    "warn": ("#8a5a00", "#e5af41"),
    "warn-wash": ("#faf1dd", "#352a14"),
    "bad": ("#8c1d12", "#f08a6b"),
    "bad-wash": ("#fbebe5", "#3a1f18"),
    "open": ("#7152b4", "#ab9ae4"),
    "open-wash": ("#f0ecf8", "#2a2340"),
    "mute": ("#586273", "#a4acba"),
    "mute-wash": ("#eff0f2", "#262b33"),
    # marks of the figures
    "model": ("#1c66a8", "#6cb2ee"),
    "ceiling": ("#0f7550", "#7ad9b2"),
    "band": ("#cfe7dc", "#1f4136"),
    "tier-0": ("#8b919b", "#626b79"),
    "tier-1": ("#748091", "#778294"),
    "tier-2": ("#5f6b80", "#8d99ab"),
    "tier-3": ("#4c586e", "#a8b3c4"),
    "tier-4": ("#333e52", "#c9d2df"),
    "barred": ("#d8d2c6", "#3d3a35"),
    "null": ("#8c9096", "#868fa0"),
    "weak": ("#b88739", "#a37a33"),
    "medium": ("#ae4e1e", "#dd8a5f"),
    "strong": ("#7c1f4c", "#fcafc9"),
    "unassessed": ("#6f6a7c", "#6f6c78"),
    "train": ("#d5d8dd", "#444c58"),
    "val": ("#9fb8a8", "#5f8a76"),
    "test": ("#1d67aa", "#68b0ee"),
    "excluded": ("#f0e4d3", "#3c3223"),
    "mixed": ("#8fb1d1", "#4d7496"),
}

LIGHT: dict[str, str] = {name: pair[0] for name, pair in PAIRS.items()}
"""Colours as written into figures; the page swaps them for their twins on dark paper."""

STRATA = ("null", "weak", "medium", "strong", "unassessed")
"""Effect-size strata in order of strength."""

SERIES = ("#1c66aa", "#c45c13", "#957fd8", "#39997b", "#785306", "#b03a77", "#5e8492", "#6a6c3f")
SERIES_DARK = ("#6cb2ef", "#e07f43", "#8770b9", "#289678", "#e3b34f", "#ee8bbd", "#97d1e5", "#bfbf83")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")


def stylesheet() -> str:
    """Return the colours as style sheet rules.

    Custom properties hold each colour in both lights. A figure's fills and strokes are
    presentation attributes, which a style sheet may override, so one drawing serves light, dark
    and printed paper.
    """
    light = ";".join(f"--{name}:{pair[0]}" for name, pair in PAIRS.items())
    dark = ";".join(f"--{name}:{pair[1]}" for name, pair in PAIRS.items())
    series = ";".join(f"--series-{i}:{color}" for i, color in enumerate(SERIES))
    series_dark = ";".join(f"--series-{i}:{color}" for i, color in enumerate(SERIES_DARK))
    swaps = _swaps(list(PAIRS), [pair[0] for pair in PAIRS.values()])
    swaps += _swaps([f"series-{i}" for i in range(len(SERIES))], SERIES)
    return (
        f":root{{color-scheme:light dark;{light};{series}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark};{series_dark}}}}}\n{swaps}"
    )


def _swaps(names: Sequence[str], colors: Sequence[str]) -> str:
    rules = []
    for name, color in zip(names, colors, strict=True):
        rules += [
            f'.figure svg [fill="{color}"]{{fill:var(--{name})}}',
            f'.figure svg [stroke="{color}"]{{stroke:var(--{name})}}',
        ]
    return "\n".join(rules) + "\n"


def stratum_color(name: str) -> str:
    """Colour of a stratum; one that is not known is drawn as unassessed."""
    return LIGHT[name] if name in STRATA else LIGHT["unassessed"]


def series(index: int) -> tuple[str, str]:
    """Colour and shape of the index-th model, the same on the whole page."""
    return SERIES[index % len(SERIES)], SHAPES[index % len(SHAPES)]
