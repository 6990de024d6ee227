"""Spelling: contexts whose names differ in nothing that tells two cell lines apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vcassay.knowledge.identifiers import letters

TOKENS = re.compile(r"[\s_\-/.,:;()\[\]]+")
MINUS = re.compile(r"(?<=\w)-(?=[\s,;)]|$)")
SERIES = re.compile(r"(passage|rep|replicate|batch|run|plate|lot)\d*")
SUPPLIERS = ("atcc", "dsmz", "dsm", "ecacc", "jcrb", "riken", "kclb", "clontech", "broad", "sanger")
STOCKS = ("cas9", "dcas9", "krab", "wt", "wildtype", "parental", "cell", "cells", "line")
SUFFIXES = frozenset((*SUPPLIERS, *STOCKS))
"""Words after which a name is still that of the same line: a repository, a stock; no gene, no drug."""


def stem(name: str) -> str:
    """Form of a name without case, punctuation and the words that name a stock of one line.

    ``HEK-293`` and ``HEK293``, ``A549_ATCC`` and ``A549``, ``K562 dCas9-KRAB`` and ``K562`` have one stem. ``HEK293T``
    has another than ``HEK293``: a letter may tell a line derived from it, or a stranger. So have ``CD34+`` and
    ``CD34-``, or ``1.1`` and ``11``.
    """
    signed = MINUS.sub(" minus ", name.casefold()).replace("+", " plus ")
    words = [word for word in TOKENS.split(signed) if word]
    while len(words) > 1 and (words[-1] in SUFFIXES or SERIES.fullmatch(words[-1])):
        words.pop()
    text = "".join(
        f".{word}" if before[-1:].isdigit() and word[0].isdigit() else word
        for before, word in zip(("", *words), words, strict=False)
    )
    return text or letters(name)


def same_spelling(new: Iterable[str], trained: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """New names with the trained ones of the same stem, sorted; names without such are left out."""
    holders: dict[str, list[str]] = {}
    for name in sorted(set(trained)):
        holders.setdefault(stem(name), []).append(name)
    found = ((name, holders.get(stem(name), [])) for name in sorted(set(new)))
    return {name: tuple(own) for name, own in found if own}
