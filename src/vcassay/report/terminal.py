"""The summary on a terminal: how each model ends, what is wrong, the ladder, where the page is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vcassay.record import AssessmentRecord, BaselineRecord, FindingRecord, ModelRecord, ScoreRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.console import fit as _fit
from vcassay.report.console import heading as _heading
from vcassay.report.console import say as _say
from vcassay.report.console import word as _word
from vcassay.report.cost import said
from vcassay.report.facts import (
    Ceiling,
    Decisive,
    ceiling_of,
    comparisons_of,
    decisive,
    demoted_primary,
    grouped,
    headline,
    headline_stratum,
    main_metric,
    questions,
    trouble,
)
from vcassay.report.knowledge import known_features
from vcassay.report.rungs import group_rungs
from vcassay.report.signal import noise_sentence, signal
from vcassay.report.strength import best_of_tiers, chosen_words, domain_sentence, merit, strongest_rung
from vcassay.report.wording import (
    bracket,
    decimals,
    estimate,
    level_mark,
    listing,
    number,
    sentence,
    status_mark,
    whom,
)

ASKED = 4
"""More open findings than this are named in one line."""
NAMED = 3
"""Baselines that are better than a model are named up to so many."""


def print_summary(record: AssessmentRecord, console: Console, folder: Path | None = None) -> None:
    """Print the verdict of each model first, then leaks that are not passed, then the ladder.

    Parameters
    ----------
    folder
        The assessment directory; named at the end when it holds report.html.
    """
    _say(console, (f"{headline(record)}.", "bold"))
    wrong = trouble(record)
    _say(console, f"Is anything wrong? {wrong.answer}. {wrong.sentence}")
    if record.quick:
        _say(console, "Quick run: no rung was tuned.")
    lost = demoted_primary(record)
    if lost:
        _say(console, f"Demoted on this screen: {'; '.join(f'{m.title} ({m.demoted[0]})' for m in lost)}.")
    for model in record.models:
        _model(record, model.name, console)
    _findings(record, console, "claim", "Claim")
    _findings(record, console, "leakage", "Leakage")
    _cost(record, console)
    _findings(record, console, "baselines", "Baselines")
    _ladder(record, console)
    _known(record, console)
    asked, every = questions(record), [m.name for m in record.models]
    if asked:
        _heading(console, "Questions to the authors")
        for question, who in asked:
            _say(console, f"- {question}" + (f" ({whom(who, every)})" if who else ""), indent=2)
    if folder is not None and (folder / "report.html").is_file():
        console.print()
        console.print(Text(_fit(console, f"Report: {folder / 'report.html'}")), soft_wrap=True)


def _model(record: AssessmentRecord, name: str, console: Console) -> None:
    verdict = next(m.verdict for m in record.models if m.name == name)
    mark = level_mark(verdict.level if verdict else None)
    console.print()
    _say(console, (name, "bold"), ": ", _word(mark))
    if verdict is None:
        _say(console, "No verdict was reached.", indent=2)
        return
    _say(console, sentence(verdict.sentence), indent=2)
    facts = decisive(record, name)
    if facts is not None and facts.score is not None and facts.score.value is not None:
        gain = facts.comparison
        score = facts.score
        parts = [f"{facts.metric.title} {estimate(score.value, score.low, score.high, score.n)}"]
        if facts.baseline is not None and gain is not None:
            shown = estimate(gain.difference, gain.low, gain.high, sign=True)
            chosen = chosen_words(facts.skill)
            parts.append(f"gain over {facts.baseline.title} {shown}" + (f" ({chosen})" if chosen else ""))
        _say(console, sentence("; ".join(parts)), indent=2)
    _coverage(next(m for m in record.models if m.name == name), facts, console)
    told = domain_sentence(record, name)
    if told:
        _say(console, told, indent=2)
    both = signal(record, name)
    if both is not None and both.false_effect is not None:
        _say(console, sentence(noise_sentence(both)), indent=2)
    for row in verdict.reasons:
        _say(console, sentence(f"Because: {row}"), indent=2)
    asked = [row.partition(": ")[0] for row in verdict.provided if row.endswith("?")]
    asked += [row for row in verdict.provided if row.startswith("and ")]
    for row in verdict.provided:
        if not row.endswith("?") and row not in asked:
            _say(console, sentence(f"Provided that: {row}"), indent=2)
    if asked:  # the questions stand once, at the end
        _say(console, sentence(f"Provided that none of these is a leak, which is open: {'; '.join(asked)}"), indent=2)
    for row in verdict.would_change:
        _say(console, sentence(f"Would change it: {row}"), indent=2)


def _coverage(model: ModelRecord, facts: Decisive | None, console: Console) -> None:
    """Say how much was not answered, and how it counts."""
    if model.n_predicted >= model.n_wanted:
        return
    parts = [f"Answers {model.n_predicted:,} of {model.n_wanted:,} conditions"]
    if facts is not None and facts.score is not None and facts.score.n_at_chance:
        parts.append(f"{facts.score.n_at_chance:,} of the {facts.score.n:,} in this score counted at chance")
    _say(console, sentence("; ".join(parts)), indent=2)


def _findings(record: AssessmentRecord, console: Console, room: str, title: str) -> None:
    """Print a room's findings that are not passed; those that do not apply in one line."""
    open_ = [f for f in record.findings if f.family == room and f.status != "PASS"]
    if not open_:
        return
    _heading(console, title)
    told, every = grouped(f for f in open_ if f.status != "NA"), [m.name for m in record.models]
    if room == "baselines":
        _contests(told, console)
        told = []
    asked = [row for row in told if row[0].status == "UNKNOWN"]
    if len(asked) > ASKED:  # their questions come last; here they are named
        told = [row for row in told if row[0].status != "UNKNOWN"]
    else:
        asked = []
    for finding, models in told:
        blocks = ", blocks:" if finding.blocks and finding.status == "FAIL" else ":"
        who = f" ({whom(models, every)})" if models else ""
        _say(console, _word(status_mark(finding.status)), f"{blocks} {finding.check} {finding.title}{who}", indent=2)
        _say(console, sentence(finding.sentence), indent=4)
    if asked:
        of: dict[str, list[str]] = {}  # numbers differ by model, names do not
        for finding, models in asked:
            of.setdefault(f"{finding.check} {finding.title}", []).extend(models)
        names = [name + (f" ({whom(models, every)})" if models else "") for name, models in of.items()]
        _say(console, _word(status_mark("UNKNOWN")), f": {'; '.join(names)}.", indent=2)
    silent = dict.fromkeys(
        f.title if room == "baselines" else f"{f.check} {f.title}"
        for f, _ in grouped(f for f in open_ if f.status == "NA")
    )
    if silent:
        _say(console, f"Not measurable here: {'; '.join(silent)}.", indent=2)


def _cost(record: AssessmentRecord, console: Console) -> None:
    """Say what becomes of each lead without the conditions that warn or fail; the page has the tables."""
    metric = main_metric(record)
    of: dict[str, list[str]] = {}
    if metric is None:
        return
    for model in record.models:
        for text in said(record, model.name, metric):
            of.setdefault(text, []).append(model.name)
    if not of:
        return
    _heading(console, "How much of the result is leakage?")
    for text, models in of.items():
        who = "" if all(name in text for name in models) else f"{whom(models, [m.name for m in record.models])}: "
        _say(console, f"- {who}{text}", indent=2)


def _contests(told: list[tuple[FindingRecord, tuple[str, ...]]], console: Console) -> None:
    """Print one paragraph a check and status: what is said of several models differs in numbers alone."""
    of: dict[tuple[str, str], list[tuple[FindingRecord, tuple[str, ...]]]] = {}
    for finding, models in told:
        of.setdefault((finding.check, finding.status), []).append((finding, models))
    for found in of.values():
        first = found[0][0]
        every = [m for _, named in found for m in named]
        who = f" ({listing(every)})" if every else ""
        more = "" if len(found) == 1 else " (The first of them; the others are in the report.)"
        _say(
            console,
            _word(status_mark(first.status)),
            f": {first.title}{who}. {sentence(first.sentence)}{more}",
            indent=2,
        )


def _ladder(record: AssessmentRecord, console: Console) -> None:
    """Print the best rung of each tier, the references, the models and the ceiling; the page has every rung."""
    metric = main_metric(record)
    if metric is None:
        return
    stratum = headline_stratum(record, metric.name)
    _heading(console, f"Ladder in {metric.title}, {stratum} conditions")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="", show_edge=False)
    table.add_column("tier", no_wrap=True)
    table.add_column("best rung", ratio=1, overflow="fold")
    table.add_column("score [95 %]", justify="right", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("", overflow="fold", max_width=14)

    def add(tier: str, name: str, title: str, status: str, *, bold: bool = False) -> None:
        row = record.score(name, metric.name, stratum)
        _line(table, console, tier, title, row, status, bold=bold)

    groups, top = group_rungs(record), strongest_rung(record, metric)
    for tier, best in best_of_tiers(record, metric).items():
        others = f" (best of {best.others + 1})" if best.others else ""
        add(tier, best.rung.name, best.rung.title + others, "strongest" if best.rung.name == top else "legal")
    for rung in groups.references.rungs:
        add("reference", rung.name, rung.title, "" if rung.ran else "did not run")
    for model in record.models:
        rows = comparisons_of(record, model.name, metric.name)
        told = any(c.low is not None for c in rows)
        won = f"beats {sum(c.better for c in rows)} of {len(rows)}" if told else "not compared" if rows else ""
        add("model", model.name, model.name, won, bold=True)
    ceiling = ceiling_of(record, metric.name, stratum)
    cells = ("ceiling", ceiling.kind, _ceiling(ceiling))
    table.add_row(*(Text(_fit(console, c)) for c in cells))
    if groups.losers.rungs:
        table.add_row("", Text(_fit(console, f"{groups.losers.title}:")))
    for kind in ("probe", "sabotage"):
        losers = sorted(
            (r for r in groups.losers.rungs if r.kind == kind), key=lambda r: -merit(record, r.name, metric)
        )
        if losers:
            others = f" (best of {len(losers)})" if len(losers) > 1 else ""
            add(kind, losers[0].name, losers[0].title + others, "must lose")
    with console.capture() as caught:
        console.print(table)
    for line in caught.get().splitlines():
        console.print(Text.from_ansi(line.rstrip()), soft_wrap=True)
    if ceiling.value is None:
        _say(console, sentence(f"no ceiling: {ceiling.reason}"))
    _beaten(record, metric, console)
    for title, names in (
        (
            "Legal, but undefined here",
            [r.title for g in groups.tiers for r in g.rungs if _undefined(record, r, metric)],
        ),
        (groups.barred.title, [r.title for r in groups.barred.rungs]),
    ):
        if names:
            _say(console, f"{title} ({len(names)}): {listing(names, NAMED)}.")


def _undefined(record: AssessmentRecord, rung: BaselineRecord, metric: MetricRecord) -> bool:
    row = record.score(rung.name, metric.name, headline_stratum(record, metric.name))
    return row is not None and row.value is None


def _beaten(record: AssessmentRecord, metric: MetricRecord, console: Console) -> None:
    """Say which baselines are better than a model."""
    titles = {b.name: b.title for b in record.baselines}
    for model in record.models:
        worse = [titles.get(c.baseline, c.baseline) for c in comparisons_of(record, model.name, metric.name) if c.worse]
        if worse:
            _say(console, f"Better than {model.name}: {listing(worse, NAMED)}.", indent=2)


def _known(record: AssessmentRecord, console: Console) -> None:
    """One line a resource: what the baselines know of the study's names."""
    rows = known_features(record)
    if rows:
        _heading(console, "What the baselines know of the perturbations and contexts")
    for row in rows:
        _say(console, f"{row.line}.", indent=2)


def _line(
    table: Table, console: Console, tier: str, title: str, row: ScoreRecord | None, status: str, *, bold: bool = False
) -> None:
    if row is None:
        shown, n = "-", "-"
    else:
        shown, n = estimate(row.value, row.low, row.high), f"{row.n:,}"
        if row.status != "ok":
            status = row.status
    cells = (tier, title, shown, n, status)
    table.add_row(*(Text(_fit(console, c)) for c in cells), style="bold" if bold else "")


def _ceiling(ceiling: Ceiling) -> str:
    if ceiling.value is None:
        return "not measurable"
    places = decimals(ceiling.low, ceiling.high)
    return f"{number(ceiling.value, places)} {bracket(ceiling.low, ceiling.high, places)}".strip()
