"""Known corpora: what is known of corpora that models are pretrained on, so that a name says enough."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

ARCHIVES = re.compile(
    r"\b(?P<series>GSE\d+|GSM\d+)|\b(?P<reads>[SED]R[APRSXZ]\d+)|\b(?P<project>PRJ(?:NA|EB|DB)\d+)"
    r"|\b(?P<sample>SAM(?:N|EA|D)\d+)|\b(?P<array>E-[A-Z]{4}-\d+)"
    r"|(?P<zenodo>zenodo\D{0,12}\d{5,})|(?P<figshare>figshare\D{0,24}\d{6,})",
    re.IGNORECASE,
)
"""Identifiers of archives, wherever they stand in a text: a link, a file's name."""


class Identifier(NamedTuple):
    """An identifier as archives write it: the archive, and its number; ``name`` for a name or a repository."""

    archive: str
    number: str


def identify(text: str) -> Identifier:
    """Read an accession, a link to one, or a name.

    Of a Hugging Face or other path the last part is the name, whoever owns it; case and punctuation do not count.
    """
    found = ARCHIVES.search(text)
    if found is None or found.lastgroup is None:
        return Identifier("name", folded(text))
    kind, number = found.lastgroup, found.group().upper()
    if kind in ("zenodo", "figshare"):
        number = re.findall(r"\d+", number)[-1]
    elif kind in ("series", "reads"):  # series and samples, runs and studies are not comparable with each other
        kind = re.sub(r"\d", "", number)
    return Identifier(kind, number)


def folded(name: str) -> str:
    """Letters and figures of the last part of a path."""
    return re.sub(r"[\W_]+", "", name.rstrip("/").rsplit("/", 1)[-1].casefold())


class Known(NamedTuple):
    """What is known of a corpus.

    Attributes
    ----------
    name, aliases
        What it is called.
    holds
        Data sets that it holds, by name.
    excludes_culture
        Whether cultured cells were left out, and so screens in cell lines.
    mined
        Whether it was mined from public archives, so that any public data set may be in it.
    source
        Where that is said.
    """

    name: str
    aliases: tuple[str, ...]
    holds: tuple[str, ...] = ()
    excludes_culture: bool = False
    mined: bool = False
    source: str = ""


_EXCLUDES = "as VCBench found for Norman and Replogle"
KNOWN = (
    Known("scGPT's corpus", ("scGPT", "scGPT corpus"), excludes_culture=True, source=_EXCLUDES),
    Known("UCE's corpus", ("UCE", "UCE corpus"), excludes_culture=True, source=_EXCLUDES),
    Known("TranscriptFormer's corpus", ("TranscriptFormer", "TF"), excludes_culture=True, source=_EXCLUDES),
    Known("Geneformer's corpus", ("Geneformer", "Genecorpus"), excludes_culture=True, source=_EXCLUDES),
    Known("Tahoe-x1's corpus", ("Tahoe-x1", "Tx1"), holds=("Tahoe-100M",), source="Tahoe-x1: all Tahoe cells"),
    Known(
        "SE-600M's corpus",
        ("SE-600M", "STATE SE", "State Embedding"),
        holds=("Tahoe-100M", "scBaseCount"),
        mined=True,
        source="SE-600M: Tahoe, CELLxGENE and scBaseCount",
    ),
    Known("scBaseCount", ("scBaseCamp",), mined=True, source="mined from SRA"),
    Known("STATE-ST's training data", ("STATE-ST", "ST-Replogle"), holds=("Replogle",), source="VCBench: confirmed"),
)  # fmt: skip
"""Corpora by name."""
SHORTEST = 6
"""Letters from which a data set's name may stand within a longer one."""


def known_corpus(name: str) -> Known | None:
    """What is known of a corpus of that name."""
    own = folded(name)
    return next((k for k in KNOWN if own in {folded(n) for n in (k.name, *k.aliases)}), None)


def held(ids: Iterable[str], holds: Iterable[str]) -> str:
    """First of a screen's identifiers and names that names a data set that a corpus holds; empty if none does."""
    for text in ids:
        own = identify(text)
        for other in holds:
            wanted = folded(other)
            within = len(wanted) >= SHORTEST and wanted in own.number
            if own.archive == "name" and (own.number == wanted or within):
                return text
    return ""
