"""Text on a drawing: measured without a font, escaped, clipped and broken into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from vcassay.report.palette import LIGHT

NARROW, WIDE, FULL = 0.57, 0.68, 1.0
"""Width of letters in font sizes, on the large side."""
BROAD = frozenset("mMW@%…<>&=+~")
FAMILY = "system-ui,-apple-system,'Segoe UI','Helvetica Neue','Liberation Sans',Arial,sans-serif"
UNWANTED = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]+")
LONG = 400
"""Labels are cut at this many letters before they are measured."""


def safe(text: str) -> str:
    """Escape a label, and drop what no XML document may hold."""
    return escape(UNWANTED.sub(" ", text))


def coordinate(value: float) -> str:
    """Write a length as shortly as it can be drawn."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is set."""
    broad = sum(c > "\u2e7f" or c in BROAD for c in text)
    wide = sum((c.isupper() or c.isdigit()) and c <= "\u2e7f" and c not in BROAD for c in text)
    return size * (FULL * broad + WIDE * wide + NARROW * (len(text) - broad - wide))


def clip(text: str, room: float, size: float) -> str:
    """Shorten a label to its room."""
    if text_width(text[:LONG], size) <= room and len(text) <= LONG:
        return text
    text = text[:LONG]
    while len(text) > 2 and text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, size: float, room: float) -> list[str]:
    """Break a text into lines; a word that is too long is shortened."""
    lines = [""]
    for word in text.split():
        part = clip(word, room, size)
        longer = f"{lines[-1]} {part}".strip()
        if text_width(longer, size) > room and lines[-1]:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def rect(x: float, y: float, width: float, height: float, fill: str, full: str = "") -> str:
    """Draw a rectangle; ``fill`` is its attribute, ``full`` is shown on pointing."""
    x_, y_, width_, height_ = map(coordinate, (x, y, width, height))
    shape = f'<rect x="{x_}" y="{y_}" width="{width_}" height="{height_}" {fill}'
    return f"{shape}><title>{safe(full)}</title></rect>" if full else f"{shape}/>"


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    bold: bool = False,
    anchor: str = "",
    color: str = "ink",
    turned: bool = False,
    name: str = "",
    full: str = "",
) -> str:
    """Draw a text.

    Parameters
    ----------
    anchor
        ``middle`` or ``end``; it starts at ``x`` otherwise.
    color
        A name of the palette.
    turned
        Read upwards.
    name
        Its class.
    full
        What ``words`` shortens, shown on pointing.
    """
    attributes = [f'x="{coordinate(x)}" y="{coordinate(y)}" font-size="{coordinate(size)}" fill="{LIGHT[color]}"']
    attributes += ['font-weight="600"'] if bold else []
    attributes += [f'text-anchor="{anchor}"'] if anchor else []
    attributes += [f'transform="rotate(-90 {coordinate(x)} {coordinate(y)})"'] if turned else []
    attributes += [f'class="{name}"'] if name else []
    hint = f"<title>{safe(full)}</title>" if full and full != words else ""
    return f"<text {' '.join(attributes)}>{hint}{safe(words)}</text>"


def document(title: str, alt: str, body: Sequence[str], box: tuple[float, float, float]) -> str:
    """Put drawn parts into an SVG element that says what it shows.

    Parameters
    ----------
    box
        Left edge, width and height.
    """
    left, width, height = map(coordinate, box)
    size = f'viewBox="{left} 0 {width} {height}" width="{width}" height="{height}"'
    told = 'role="img" aria-labelledby="drawing-title drawing-desc"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {told} font-family="{FAMILY}">'
    said = f'<title id="drawing-title">{safe(title)}</title>\n<desc id="drawing-desc">{safe(alt)}</desc>'
    return "\n".join([head, said, *body, "</svg>"])
