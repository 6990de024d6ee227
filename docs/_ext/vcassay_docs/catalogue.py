"""The catalogue: what the registries hold, as pages whose anchors are the names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from vcassay.cli import catalogue as listed
from vcassay.cli.baseline_text import HEADS, baseline_facts
from vcassay.cli.metric_text import ARROWS, ORDER, TITLES, is_bare, metric_facts, way
from vcassay.core.registry import Entry
from vcassay.evidence.baselines.baseline import TIERS
from vcassay.record.rooms import BIOLOGY_ROOMS, OTHER
from vcassay_docs.docstrings import as_rest, safe
from vcassay_docs.rest import entry, fields, table, title

Any_ = Entry[Any]

METRICS = """A metric says which way is better, what a prediction without information scores, when it has no value,
and how it is fooled. Those marked *can carry the verdict* are primary; on every screen each is calibrated, and one
that is fooled there is demoted. :doc:`/howto/metric-fooled` shows how one of your own is held to the same.

"""
BASELINES = """The ladder. A baseline runs where the claim grants what it *reads*, and is physically given nothing
else. A model must be better than each of them to be supported.

"""
CHECKS = """Checks of the split, of tables, rows and models. A check measures a value; a named :doc:`threshold
<thresholds>` turns it into PASS, WARN or FAIL; what is not declared is UNKNOWN, with a question to the authors. How
well each finds what was planted stands in :doc:`/leakage`.

"""
DIAGNOSTICS = """Each is asked of the measured effects first: a model is held to it only where they show it. How well
each tells a model that has the biology from one that lacks it stands in :doc:`/biology`.

"""
PROTOCOLS = """Published splits: what their structure supports, what it does not, and what is known to be wrong with
them. ``vcassay claim --protocol NAME`` says it on the command line, and ``[split] protocol = "NAME"`` draws the same
structure on your screen.

"""
PROFILES = """Numbers of published scorers, computed as they do, habits included. ``vcassay score --profile NAME``
gives them.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of every page."""
    entries = {kind: list(listed._entries(kind).values()) for kind in listed.KINDS if kind != "protocols"}
    profiles = list(listed._entries(listed.PROFILES).values())
    yield (
        "catalogue/metrics",
        title("Metrics")
        + METRICS
        + _grouped(
            sorted(entries["metrics"], key=_family),
            lambda e: _capital(TITLES.get(e.meta["family"], e.meta["family"])),
            _metric,
        ),
    )
    yield (
        "catalogue/baselines",
        title("Baselines") + BASELINES + _grouped(sorted(entries["baselines"], key=_rung), _tier, _baseline),
    )
    yield "catalogue/checks", title("Checks") + CHECKS + "".join(_plain(e) for e in entries["checks"])
    yield (
        "catalogue/diagnostics",
        title("Diagnostics")
        + DIAGNOSTICS
        + _grouped(entries["diagnostics"], lambda e: BIOLOGY_ROOMS.get(e.meta["room"], OTHER), _plain),
    )
    yield "catalogue/protocols", title("Protocols") + PROTOCOLS + _protocols()
    yield (
        "catalogue/profiles",
        title("Published scorers") + PROFILES + _grouped(profiles, lambda e: e.meta["profile"], _profile),
    )


def _grouped(entries: Iterable[Any_], head: Callable[[Any_], str], body: Callable[[Any_], str]) -> str:
    return "".join(
        title(name, "-") + "".join(map(body, found))
        for name, found in ((n, list(g)) for n, g in groupby(entries, head))
    )


def _family(item: Any_) -> tuple[int, str, str]:
    family = item.meta["family"]
    return (ORDER.index(family) if family in ORDER else len(ORDER), family, item.name)


def _rung(item: Any_) -> tuple[bool, str, str, str]:
    kind = item.meta["kind"]
    return (kind != "baseline", kind if kind != "baseline" else "", item.meta["tier"] * (kind == "baseline"), item.name)


def _tier(item: Any_) -> str:
    if item.meta["kind"] != "baseline":
        return _capital(HEADS.get(item.meta["kind"], item.meta["kind"]))
    return f"{item.meta['tier']}: {TIERS.get(item.meta['tier'], '')}".removesuffix(": ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _doc(item: Any_) -> str:
    return "\n".join(as_rest(item.obj)) + "\n\n"


def _metric(item: Any_) -> str:
    facts = list({**metric_facts(item), "source": item.source}.items())
    mark = f"{ARROWS[way(item.meta)]} best {item.meta['optimum']:g}"
    mark += ", can carry the verdict" * bool(item.meta["primary"])
    warning = ""
    if is_bare(item.meta):
        warning = "**It does not measure perturbation biology**: read it beside what no change scores.\n\n"
    return entry(item.name, warning + _doc(item) + fields(facts), heading=item.meta["title"], mark=mark)


def _baseline(item: Any_) -> str:
    facts = list({**baseline_facts(item), "source": item.source}.items())
    return entry(item.name, _doc(item) + fields(facts), heading=item.meta["title"])


def _plain(item: Any_) -> str:
    facts = [
        ("blocks the claim", "yes, where it fails" if item.meta.get("blocks") else ""),
        ("looks at", ", ".join(f"``{name}``" for name in item.arguments)),
        ("source", item.source),
    ]
    return entry(item.name, _doc(item) + fields(facts), heading=item.meta.get("title", ""))


def _profile(item: Any_) -> str:
    meta = item.meta
    up = {True: "higher is better", False: "lower is better", None: ""}[meta["higher_is_better"]]
    facts = [
        ("direction", up),
        ("optimum", "" if meta["optimum"] is None else f"{meta['optimum']:g}"),
        ("chance", str(meta["chance"] or "")),
        ("undefined", meta["undefined"]),
        ("fooled by", meta["fooled_by"]),
        ("habit that was followed", meta["quirk"]),
        ("source", item.source),
    ]
    return entry(item.name, _doc(item) + fields(facts), heading=meta.get("title", ""))


def _protocols() -> str:
    from vcassay.claim.protocols import protocols

    found = []
    for protocol in protocols():
        strata = table(
            ("regime", "share of the test conditions", "what"),
            [(s.regime.value, f"{s.share:.0%}", safe(s.what)) for s in protocol.strata],
            (20, 20, 60),
        )
        traps = "".join(
            f"- **{t.status}** {safe(t.title)}: {safe(t.sentence)} [{t.evidence}]\n" for t in protocol.traps
        )
        since = f" since {protocol.truth_since}" if protocol.truth_since else ""
        facts = [
            ("data", protocol.dataset),
            ("truth", f"{protocol.truth}{since}"),
            ("pretraining on the test contexts", protocol.pretraining),
            ("drawn by", ", ".join(f"{k} = {listed._words(v)}" for k, v in (protocol.make or {}).items())),
            ("source", f"{protocol.source} ({protocol.evidence}; {protocol.note})"),
        ]
        body = f"{safe(protocol.definition)}\n\n{safe(protocol.sentence())}\n\n{strata}"
        body += f"Known traps:\n\n{traps}\n" if traps else ""
        found.append(entry(protocol.name, body + fields(facts), heading=protocol.title, mark=protocol.regime.value))
    return "".join(found)
