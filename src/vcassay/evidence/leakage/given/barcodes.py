"""L21b: whether test cells are in a pretraining corpus, by hashes of their barcodes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected
from vcassay.core.errors import first
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.refusal import too_few
from vcassay.prediction import Disclosure, Materials, hash_barcodes
from vcassay.screen import Screen

WHITELIST = Threshold(
    "barcode_whitelist", 736_320, "10x Genomics: the smallest whitelist in use (ARC); v2 has 737,280, v3 6.8 million"
)
LARGEST = Threshold("barcode_largest_whitelist", 6_794_880, "10x Genomics v3")
EXCESS = Threshold("barcode_excess", 0.05, "share of a library's cells beyond twice what chance explains (proposal)")
ROOM = Threshold("barcode_room", 0.1, "where chance alone may explain more than 90 %, plain barcodes tell nothing")
BARCODE_P = Threshold("barcode_p", 0.001, "an accusation; shared by the libraries (Bonferroni)")
EXPECTED = Threshold("barcode_expected", 20, "agreements by chance whose absence tells that another form was hashed")
CARELESS = 0.001
"""Share of names with a library that agree by chance: labels such as ``sample1`` occur twice."""
MOST_ROWS = 200_000
"""Test rows that are hashed: a random sample of more."""
BARCODE = re.compile(r"[ACGT]{12,}")
PLAIN = re.compile(r"[\W_\d]*")
"""What may stand beside a barcode without telling its library."""
QUESTION = "Which form of a cell's name was hashed (bare barcode, with -1, with the library)?"

Hashes = NDArray[np.uint64]


def chance_share(corpus: int, whitelist: float) -> float:
    """Share of a library's cells that a corpus of so many barcodes has by chance, all drawn from one whitelist.

    Barcodes of one whitelist occur in every library: each of them is among ``corpus`` random ones with probability
    ``1 - exp(-corpus / whitelist)``.
    """
    return float(-np.expm1(-corpus / whitelist))


def forms_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Forms under which cells may have been hashed: the name, without its last part, the barcode, and with ``-1``."""
    rows = list(names)
    bare = [m.group() if (m := BARCODE.search(n)) else "" for n in rows]
    return {
        "name": rows,
        "name without its last part": [re.sub(r"[-_.:#]\w+$", "", n) for n in rows],
        "barcode": bare,
        "barcode-1": [f"{b}-1" if b else "" for b in bare],
    }


def tells_library(name: str) -> bool:
    """Whether something beside the barcode and a number tells from which library a cell is."""
    found = BARCODE.search(name)
    return found is not None and not PLAIN.fullmatch(name[: found.start()] + name[found.end() :])


def is_in(hashes: Hashes, corpus: Hashes) -> NDArray[np.bool_]:
    """(n,) whether each hash is among sorted ones."""
    at = np.minimum(np.searchsorted(corpus, hashes), len(corpus) - 1)
    return np.asarray(corpus[at] == hashes)


class Hits(NamedTuple):
    """Test rows that a corpus has.

    Attributes
    ----------
    row
        (n,) whether each row is in it, under its best form.
    form
        That form: its share of rows is the largest beyond its bound.
    chance, bound
        Share of rows that agree by chance at most, and the share up to which nobody is accused.
    informative
        Whether the bound leaves room.
    """

    row: NDArray[np.bool_]
    form: str
    chance: float
    bound: float
    informative: bool


def find_hits(names: Iterable[str], corpus: Hashes) -> Hits:
    """Look rows up under every form of their names."""
    made = []
    for form, text in forms_of(names).items():
        whole = sum(map(tells_library, text)) > len(text) / 2
        chance, twice = (0.0, 0.0) if whole else (chance_share(k * len(corpus), WHITELIST.value) for k in (1, 2))
        row = is_in(hash_barcodes(text), corpus) & np.array([bool(t) for t in text], dtype=bool)
        made.append(Hits(row, form, chance, twice + EXCESS.value, 1.0 - twice >= ROOM.value))
    return max(made, key=lambda h: (h.informative, h.row.mean() - h.bound))


@check(
    "L21b",
    title="Test cells in a pretraining corpus",
    blocks=True,
    source="VCBench: MD5 of barcodes; 10x Genomics whitelists",
)
def barcodes_in_corpus(
    screen: Screen, split: Split, disclosure: Disclosure, materials: Materials, rng: Generator
) -> Finding:
    """No library of the screen has more test cells in a pretraining corpus than barcodes agree by chance.

    Barcodes of one whitelist occur in all libraries, so that a corpus of n barcodes holds
    ``1 - exp(-n / whitelist)`` of anybody's cells. FAIL (blocking) if a batch has a share of its test cells in
    the corpus beyond that of a corpus twice as large, drawn from the smallest whitelist, by `EXCESS`, and binomial
    p < `BARCODE_P`; names that tell their library hardly agree by chance. UNKNOWN if the corpus is so large that
    plain barcodes tell nothing, none agrees where some should by chance, or less than half
    of the test rows have a barcode. NA without barcodes on either side.
    """
    if not materials.barcodes:
        listed = (
            "no corpus of the disclosure comes with barcodes" if disclosure.pretraining else "no corpus is declared"
        )
        return finding("L21b", Status.NA, f"Not measurable: {listed} (`barcodes = FILE`, an MD5 or a barcode a line).")
    at = screen.conditions.locate(split.conditions.take(split.test))
    rows = np.flatnonzero(np.isin(screen.table.condition, at[at >= 0]))
    total = len(rows)
    if total > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
    names = np.asarray(screen.adata.obs_names, dtype=str)[rows]
    named = np.array([BARCODE.search(n) is not None for n in names], dtype=bool)
    if not named.any():
        return finding(
            "L21b", Status.NA, f"Not measurable: none of {plural(total, 'test row')} has a barcode for its name."
        )
    rows, names = rows[named], names[named]
    base = f"{len(rows):,} of {plural(total, 'test row')} compared"
    found = {corpus: find_hits(names, hashes) for corpus, hashes in materials.barcodes.items()}
    batch = screen.table.batch[rows]
    size = np.bincount(batch, minlength=len(screen.table.batches))
    evidence: list[dict[str, Any]] = []
    worst, open_ = [], []
    for corpus, hits in found.items():
        n = len(materials.barcodes[corpus])
        share = np.bincount(batch, weights=hits.row, minlength=len(size)) / np.maximum(size, 1)
        p = scipy.stats.binom.sf(np.rint(share * size) - 1, size, max(hits.chance, CARELESS))
        beyond = (share > hits.bound) & (p < BARCODE_P.value / max(int((size > 0).sum()), 1))
        evidence += [
            {
                "library": screen.table.batches[b],
                "corpus": corpus,
                "share in it": float(share[b]),
                "by chance up to": hits.bound,
                "test rows": int(size[b]),
                "form": hits.form,
            }
            for b in np.flatnonzero(size).tolist()
        ]
        by_chance = chance_share(n, LARGEST.value) * len(rows)
        if hits.informative and beyond.any():
            worst.append((corpus, hits))
        elif not hits.informative:
            open_.append(f"'{corpus}' has {n:,} barcodes, so that chance explains nearly any share")
        elif not hits.row.any() and by_chance >= EXPECTED.value and hits.chance:
            missing = f"none agrees with '{corpus}', where {by_chance:,.0f} should by chance"
            open_.append(f"{missing}: another form was hashed")
    evidence.sort(key=lambda r: float(r["by chance up to"]) - float(r["share in it"]))
    top = evidence[0]
    more = {"value": top["share in it"], "threshold": top["by chance up to"], "evidence": evidence}
    words = f"{top['share in it']:.1%} of {top['library'] or 'the screen'}'s test cells are in '{top['corpus']}'"
    words += f" ({top['form']}; chance explains up to {top['by chance up to']:.1%}); {base}"
    if worst:
        touched = np.any([hits.row for _, hits in worst], axis=0)
        affected = _affected(screen, at, rows, touched)
        remedy = "Pretrain without these cells, or do not call the test conditions unseen."
        sentence = f"Test cells were in pretraining: {words}."
        return finding("L21b", Status.FAIL, sentence, remedy=remedy, affected=affected, **more)
    if open_:
        return finding("L21b", Status.UNKNOWN, f"{capital(first(open_))}; {base}.", question=QUESTION, **more)
    if too_few(len(rows), min(total, MOST_ROWS)):
        sentence = f"Too few test rows have a barcode for their name: {words}."
        return finding("L21b", Status.UNKNOWN, sentence, question=QUESTION, **more)
    return finding("L21b", Status.PASS, f"No more barcodes agree than by chance: {words}.", **more)


def _affected(screen: Screen, at: NDArray[np.int64], rows: NDArray[np.int64], hit: NDArray[np.bool_]) -> Affected:
    """Share of each test condition's compared rows that are in the corpus."""
    n = len(screen.conditions)
    code = screen.table.condition[rows]
    size = np.bincount(code, minlength=n).astype(np.float64)
    share = np.bincount(code, weights=hit, minlength=n) / np.where(size > 0, size, np.nan)
    degree = np.where(at >= 0, share[np.maximum(at, 0)], np.nan)
    return Affected("whose cells are in a pretraining corpus", degree, at_least=0.5)
