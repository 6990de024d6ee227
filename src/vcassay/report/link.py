"""Link to the panel of one condition, as the page's script reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd


def condition_link(row: Mapping[str, Any] | pd.Series) -> str:
    """Write the fragment that opens a condition: ``#condition=TP53&context=K562``, dose and time if there are any."""
    parts = {"condition": str(row["perturbation"]), "context": str(row["context"])}
    parts |= {k: f"{float(row[k]):.12g}" for k in ("dose", "time") if pd.notna(row[k])}
    return "#" + urlencode(parts)
