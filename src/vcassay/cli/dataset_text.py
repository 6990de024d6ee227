"""How data sets are written for a terminal: one table, and one entry in full."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

WIDTH = 100
MARK = {"yes": "+", "unknown": "?", "no": "-"}
"""Signs that say the same without colour."""


def size_text(size: int | None, *, approximate: bool = False) -> str:
    """Bytes as people write them: ``2.5 GB``, ``about 450 MB``; ``size not known``."""
    if size is None:
        return "size not known"
    about = "about " if approximate else ""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= step:
            return f"{about}{size / step:.1f} {unit}"
    return f"{about}{size} bytes"


def datasets_text(rows: list[dict[str, Any]]) -> str:
    """The registry as a table, `WIDTH` wide."""
    head = ("NAME", "KIND", "PERTURBED", "CONTEXTS", "CELLS", "LICENCE")
    lines = [head, *(_line(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    table = ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    foot = (
        "~ about, ? not known to us, +C combinations, xD doses. `vcassay datasets show NAME` says the rest: files, "
        "traps, claims it could support, and a [data] section for study.toml."
    )
    return "\n".join([*table, "", textwrap.fill(foot, WIDTH)])


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    perturbations = _short(row["perturbations"])
    if row["combinations"] not in ("0", "not known"):
        perturbations += f" +{_short(row['combinations'])}"
    if row["doses"] not in ("1", "not known"):
        perturbations += f" x{_short(row['doses'])}"
    licence = row["licence"] if row["licence"] != "not known" else "?"
    kinds = "+".join(dict.fromkeys(row["kinds"]))
    contexts = f"{_short(row['contexts'])} {row['context']}"
    return row["name"], _cut(kinds, 11), perturbations, _cut(contexts, 18), _short(row["cells"]), _cut(licence, 15)


def _short(text: str) -> str:
    """A number in few signs: ``~1.6 M`` for about 1,600,000."""
    if text == "not known":
        return "?"
    about, number = "~" if text.startswith("about ") else "", int(text.removeprefix("about ").replace(",", ""))
    if number < 10**6:
        return f"{about}{number:,}"
    return f"{about}{number / 10**6:.{2 if number < 10**7 and not about else 1}f} M".replace(".0 M", " M")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def dataset_text(d: dict[str, Any]) -> str:
    """Everything that is known of one data set."""
    parts = [
        [d["title"], _wrap(d["citation"] + (f". https://doi.org/{d['doi']}" if d["doi"] else ""))],
        [
            *_named("where", f"{d['landing']} ({d['access']})"),
            *_named("deposited as", ", ".join(d["accessions"])),
            *_named("also called", ", ".join(d["aliases"])),
            *_named("licence", _licence(d["licence"])),
            *_named("what", f"{', '.join(d['kinds'])}; {d['readout']}"),
            *_named("how much", _counts(d["counts"])),
            *_named("known", f"{d['evidence']}: {d['source']}"),
            *_named("note", d["note"]),
        ],
        ["Files" + ("" if d["files"] else f": no address is known for certain; get it from {d['landing']}")]
        + [line for f in d["files"] for line in _file(f)],
        ["Claims that it could support (from the counts alone)"]
        + [_item(f"{MARK[c['answer']]} {c['regime']}", c["reason"], c["limits"]) for c in d["claims"]]
        + [_wrap(f"! {limit}", "  ") for limit in d["limits"]],
        ["Uses in drug discovery, by the regime that speaks to each most"]
        + [
            _item(f"{u['fit']}: {u['name']}", (f"{u['regime']}; " if u["regime"] else "") + u["reason"])
            for u in d["uses"]
        ],
        ["Known traps", *(_trap(t) for t in d["traps"])],
        ["Published splits", *(f"  {p['name']} ({p['regime']}): {p['title']}" for p in d["protocols"])],
        ["Cards of published models with a benchmark on it", *(f"  {name}" for name in d["cards"])],
        ["Examples", *(f"  examples/{name}" for name in d["examples"])],
        ["For study.toml", "", d["data_section"].rstrip()],
    ]
    return "\n\n".join("\n".join(part) for part in parts if len(part) > 1 or part[0].startswith("Files:"))


def _named(name: str, text: str) -> list[str]:
    return [_wrap(f"{name}: {text}", "  ")] if text else []


def _licence(licence: dict[str, Any]) -> str:
    use = {"yes": "commercial use allowed", "no": "no commercial use", "unknown": "commercial use: not known"}
    how = f" [{licence['evidence']}]" if licence["evidence"] else ""
    return f"{licence['name'] or 'not known'} ({use[licence['commercial']]}). {licence['allows']}{how}"


def _counts(c: dict[str, Any]) -> str:
    def say(name: str, one: str) -> str:
        value = c[name]
        if value is None:
            return f"{one}s not known"
        return f"{'about ' if name in c['approximate'] else ''}{value:,} {one if value == 1 else f'{one}s'}"

    told = [say("cells", "row"), say("perturbations", "perturbation")]
    if c["combinations"] != 0:
        told.append(say("combinations", "combination"))
    names = f" ({', '.join(c['names'])})" if c["names"] else ""
    told.append(f"{say('contexts', 'context')}{names}")
    told += [say("doses", "dose"), say("times", "time")]
    how = f" [{c['evidence']}{': ' if c['source'] else ''}{c['source']}]" if c["evidence"] else ""
    note = f". {c['note'][:1].upper()}{c['note'][1:]}" if c["note"] else ""
    return ", ".join(told) + note + how


def _file(f: dict[str, Any]) -> list[str]:
    known = f"sha256 {f['sha256']}" if f["sha256"] else f"md5 {f['md5']}" if f["md5"] else ""
    return [
        _wrap(f"{f['name']} ({size_text(f['bytes'], approximate=f['approximate'])}): {f['what']}", "  "),
        f"    {f['url']}",
        f"    {known or 'sha256 not known: the first fetch records it'}",
        *([_wrap(f"[{f['evidence']}] {f['source']}".rstrip(), "    ")] if f["evidence"] else []),
    ]


def _trap(t: dict[str, Any]) -> str:
    found = ", ".join(t["checks"]) or t["found_by"] or "no check"
    how = f"; {t['evidence']}" if t["evidence"] else ""
    source = f": {t['source']}" if t["source"] else ""
    return _wrap(f"{t['status']} {t['title']}. {t['sentence']} (found by {found}{how}{source})", "  ")


def _item(head: str, text: str, more: Iterable[str] = ()) -> str:
    return _wrap("; ".join([f"{head}: {text}", *more]), "  ")


def _wrap(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
