"""Matched: which of the wanted names a resource has, under which of its names, and which it has not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vcassay.core.errors import first
from vcassay.knowledge.genes import Genes

Spelling = tuple[str, Callable[[str], str]]

EXACT, CASE, SPELLING = "exact", "case", "spelling"
MARKS = re.compile(r"[\W_]+")
ROTATION = (("(+)", "plus"), ("(-)", "minus"), ("(±)", ""), ("(+/-)", ""))


@dataclass(frozen=True, slots=True)
class Matched:
    """How wanted names meet a resource's names.

    Attributes
    ----------
    resource
        Name of the resource.
    wanted
        Names looked for, unique, in the order given.
    found
        Wanted name to the resource's name.
    how
        Wanted name to the way it was found: ``exact``, ``case``, ``alias``, ``previous symbol`` and so on.
    ambiguous
        Wanted name to the several names that it could be; counted as unmatched.
    """

    resource: str
    wanted: tuple[str, ...]
    found: Mapping[str, str]
    how: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Wanted names that were not found, in the order given."""
        return tuple(name for name in self.wanted if name not in self.found)

    @property
    def share(self) -> float:
        """Share of the wanted names that were found; NaN when none was wanted."""
        return len(self.found) / len(self.wanted) if self.wanted else float("nan")

    def also(self, more: Matched, form: Callable[[str], str] = str) -> Matched:
        """Add what a second look found of the names left, each looked for under another form of it."""
        rest = [name for name in self.unmatched if form(name) in more.found]
        found = dict(self.found) | {name: more.found[form(name)] for name in rest}
        how = dict(self.how) | {name: more.how[form(name)] for name in rest}
        doubt = {name: more.ambiguous[form(name)] for name in self.unmatched if form(name) in more.ambiguous}
        ambiguous = {name: fits for name, fits in (dict(self.ambiguous) | doubt).items() if name not in found}
        return Matched(self.resource, self.wanted, found, how, ambiguous)

    def coverage(self, limit: int = 5) -> str:
        """Coverage in words: ``Reactome: matched 214 of 231 (93 %), 9 by alias; unmatched: A, B and 15 more``.

        ``limit`` names are written out; all are in ``unmatched``.
        """
        if not self.wanted:
            return f"{self.resource}: nothing to match"
        percent = _percent(len(self.found), len(self.wanted))
        parts = [f"{self.resource}: matched {len(self.found)} of {len(self.wanted)} ({percent} %)"]
        ways = Counter(how for how in self.how.values() if how != EXACT)
        parts += [f"{n} by {how}" for how, n in sorted(ways.items(), key=lambda way: (-way[1], way[0]))]
        text = ", ".join(parts)
        missing = [f"{n} ({' or '.join(self.ambiguous[n])}?)" if n in self.ambiguous else n for n in self.unmatched]
        return f"{text}; unmatched: {first(missing, limit)}" if missing else text


def match(
    wanted: Iterable[str],
    known: Iterable[str],
    *,
    resource: str = "the resource",
    genes: Genes | None = None,
    spellings: Sequence[Spelling] = (),
    several: bool = False,
) -> Matched:
    """Match wanted names to a resource's names, the surest way first.

    The ways are: the same letters; the same letters in another case; each of ``spellings``; with ``genes``, another
    name of the same gene. A name that fits several in one way is ambiguous and not tried further.

    Parameters
    ----------
    spellings
        A name for the way and the function that brings a name to the form which is compared; an empty form is
        never compared.
    several
        Names of one form are names of one thing, so the first is taken and nothing is ambiguous in that way.
    """
    names = tuple(dict.fromkeys(wanted))
    own = tuple(dict.fromkeys(known))
    have = set(own)
    found = {name: name for name in names if name in have}
    how = dict.fromkeys(found, EXACT)
    ambiguous: dict[str, tuple[str, ...]] = {}
    for way, form in ((CASE, str.casefold), *spellings):
        rest = [name for name in names if name not in found and name not in ambiguous]
        index = _by_form(own, form) if rest else {}
        for name in rest:
            fits = index.get(form(name), [])
            if len(fits) == 1 or (fits and several):
                found[name], how[name] = fits[0], way
            elif fits:
                ambiguous[name] = tuple(fits)
    if genes is not None:
        _match_genes(names, own, genes, (found, how, ambiguous))
    return Matched(resource, names, found, how, ambiguous)


def inverted(found: Mapping[str, str]) -> dict[str, list[str]]:
    """Resource's name to the wanted names that it answers."""
    out: dict[str, list[str]] = {}
    for wanted, own in found.items():
        out.setdefault(own, []).append(wanted)
    return out


def letters(name: str) -> str:
    """Form without case, blanks and punctuation: ``MCF-7`` and ``MCF7``, ``AZD 8055`` and ``AZD-8055``.

    The signs of ``(+)`` and ``(-)`` stay: they tell two enantiomers apart.
    """
    for sign, word in ROTATION:
        name = name.replace(sign, word)
    return MARKS.sub("", name.casefold()) or name


def _by_form(names: Iterable[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for name in names:
        key = form(name)
        if key:
            index.setdefault(key, []).append(name)
    return index


def _match_genes(
    names: tuple[str, ...],
    own: tuple[str, ...],
    genes: Genes,
    result: tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]],
) -> None:
    """Match by gene: both names must lead to one gene, the same."""
    found, how, ambiguous = result
    rest = [name for name in names if name not in found and name not in ambiguous]
    if not rest:
        return
    index: dict[str, list[tuple[str, str]]] = {}
    for name in own:
        symbols, kind = genes.resolve(name)
        if len(symbols) == 1:
            index.setdefault(symbols[0], []).append((name, kind))
    for name in rest:
        symbols, kind = genes.resolve(name)
        fits = [fit for symbol in symbols for fit in index.get(symbol, ())]
        current = [fit for fit in fits if fit[1] == "symbol"]
        if len(symbols) == 1 and len(current or fits) == 1:
            found[name], other = (current or fits)[0]
            how[name] = kind if kind != "symbol" else other
        elif fits:
            ambiguous[name] = tuple(fit[0] for fit in fits)


def _percent(part: int, whole: int) -> str:
    """Whole percent that says 0 and 100 only of none and all."""
    value = round(100 * part / whole)
    return "> 99" if value == 100 and part < whole else "< 1" if value == 0 and part else str(value)
