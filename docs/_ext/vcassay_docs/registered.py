"""Registries that are read as tables: thresholds, data sets, and cards of the field."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Iterator

import vcassay
from vcassay.core.threshold import Threshold, registered
from vcassay.run.review import review_card
from vcassay_docs.docstrings import safe
from vcassay_docs.rest import entry, fields, table, title

ROOMS = {
    "claim": "The claim",
    "evidence.leakage": "Leakage",
    "evidence.baselines": "Baselines",
    "evidence.metrics": "Metrics",
    "evidence.biology": "Biology",
    "verdict": "The verdict",
}
THRESHOLDS = """A measurement becomes a judgement by a named threshold, which stands in the code beside the rule that
uses it and is copied with value and source into every record. Those marked as proposals are ours.

"""
DATASETS = """Published screens: where they lie, under which terms, what they hold, and what is known to be wrong with
them. ``vcassay datasets`` lists and fetches them.

"""
CARDS = """What publications report of their models, as facts with their source, and reviewed by the same rules.
``vcassay field`` shows them side by side.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of every page; registries that this version does not have are left out."""
    yield "catalogue/thresholds", title("Thresholds") + THRESHOLDS + _thresholds()
    if found := _datasets():
        yield "catalogue/datasets", title("Data sets") + DATASETS + found
    if found := _cards():
        yield "catalogue/cards", title("Published virtual cells") + CARDS + found


def _thresholds() -> str:
    for module in pkgutil.walk_packages(vcassay.__path__, "vcassay."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    home: dict[str, str] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("vcassay."):
            for value in vars(module).values():
                if isinstance(value, Threshold):
                    home.setdefault(value.name, name.removeprefix("vcassay."))
    rooms = defaultdict(list)
    for threshold in registered():
        where = home.get(threshold.name, "")
        room = next((head for prefix, head in ROOMS.items() if where.startswith(prefix)), "Elsewhere")
        rooms[room].append((f"``{threshold.name}``", f"{threshold.value:g}", safe(threshold.source)))
    return "".join(
        title(head, "-") + table(("name", "value", "source"), rooms[head], (30, 10, 60))
        for head in (*ROOMS.values(), "Elsewhere")
        if rooms[head]
    )


def _datasets() -> str:
    try:
        from vcassay.screen.datasets import datasets
    except ImportError:
        return ""
    found = []
    for dataset in datasets():
        traps = "".join(f"- {_trap(trap)}\n" for trap in dataset.traps)
        counts = dataset.counts
        names = [
            n for n in ("cells", "perturbations", "combinations", "contexts", "doses", "times") if getattr(counts, n)
        ]
        held = [
            f"{counts.say(n)} {counts.several if n == 'contexts' else _counted(n, getattr(counts, n))}" for n in names
        ]
        facts = [
            ("holds", ", ".join(held)),
            ("readout", dataset.readout),
            ("perturbations", ", ".join(dataset.kinds)),
            ("licence", f"{dataset.licence.name}. {dataset.licence.allows}"),
            ("access", dataset.access),
            ("accessions", ", ".join(dataset.accessions)),
            ("protocols", ", ".join(f"``{name}``" for name in dataset.protocols)),
            ("page", dataset.landing),
            ("reference", dataset.citation),
            ("known from", f"{dataset.source} ({dataset.evidence})"),
        ]
        body = (f"{safe(dataset.note)}\n\n" if dataset.note else "") + (f"Known traps:\n\n{traps}\n" if traps else "")
        found.append(entry(dataset.name, body + fields(facts), heading=dataset.title, mark=str(dataset.year)))
    return "".join(found)


def _trap(trap: object) -> str:
    words = [str(v) for k in ("title", "sentence") if (v := getattr(trap, k, ""))]
    return f"**{getattr(trap, 'status', '')}** {safe(': '.join(words))}"


def _counted(name: str, number: int) -> str:
    """``doses`` of several, ``dose`` of one."""
    return name if number > 1 else name.removesuffix("s")


def _cards() -> str:
    try:
        from vcassay.verdict.cards import cards
    except ImportError:
        return ""
    found = []
    for card in cards():
        review = review_card(card)
        published = (card.publication.title, card.publication.venue, card.publication.year)
        facts = [
            ("review", f"{review.level}. {review.sentence}"),
            ("missing", "; ".join(review.missing)),
            ("published", ", ".join(str(part) for part in published if part)),
            ("where", card.publication.where),
            ("known from", f"{card.evidence}; confidence {card.confidence}"),
        ]
        benchmarks = "".join(f"- {safe(f'{b.title}: {b.sentence}')}\n" for b in review.benchmarks)
        body = f"Claims: {safe(card.claim.text)}\n\n{benchmarks}"
        found.append(entry(card.name, body + "\n" + fields(facts), mark=review.level))
    return "".join(found)
