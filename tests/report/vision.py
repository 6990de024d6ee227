"""Colours as they are told apart: by lightness, by those who lack a cone, and by contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to XYZ under D65 (IEC 61966-2-1)."""
WHITE = XYZ @ np.ones(3)

VISION: dict[str, Vector] = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Machado, Oliveira and Fernandes 2009 (IEEE TVCG 15, 1291), table 1 at severity 1, on linear sRGB."""


def linear(color: str) -> Vector:
    """Linear sRGB of a colour like ``#1c66a8``."""
    coded = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2: relative luminances, 1 to 21."""
    low, high = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(c)) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(color: str, vision: str = "full") -> Vector:
    """CIELAB of a colour as it is seen."""
    seen = np.clip(VISION[vision] @ linear(color), 0, 1)
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in XYZ @ seen / WHITE)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: Vector, other: Vector) -> float:
    """Colour difference of CIE 142-2001, after Sharma, Wu and Dalal 2005 (Color Res Appl 30, 21)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    m_l, m_c = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        m_h = h1 + h2
    elif abs(h1 - h2) <= 180:
        m_h = (h1 + h2) / 2
    else:
        m_h = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    t = 1 - 0.17 * np.cos(np.radians(m_h - 30)) + 0.24 * np.cos(np.radians(2 * m_h))
    t += 0.32 * np.cos(np.radians(3 * m_h + 6)) - 0.20 * np.cos(np.radians(4 * m_h - 63))
    s_l = 1 + 0.015 * (m_l - 50) ** 2 / np.sqrt(20 + (m_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * m_c, 1 + 0.015 * m_c * t
    r_t = -np.sin(np.radians(60 * np.exp(-(((m_h - 275) / 25) ** 2)))) * 2 * np.sqrt(m_c**7 / (m_c**7 + 25.0**7))
    parts = d_l / s_l, d_c / s_c, d_h / s_h
    return float(np.sqrt(sum(p**2 for p in parts) + r_t * parts[1] * parts[2]))


def distance(one: str, other: str, vision: str) -> float:
    """How far apart two colours are to someone."""
    return ciede2000(lab(one, vision), lab(other, vision))
