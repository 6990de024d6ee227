"""L31, L23, L23m: what is declared of priors: responses and private data among them, and days of release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vcassay.claim import Claim, Exposure
from vcassay.core import Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.core.finding import SEVERITY
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.given.response_priors import read_by_baselines
from vcassay.knowledge import Knowledge, Resource
from vcassay.prediction import Disclosure, Materials
from vcassay.record.disclosure import Prior

PRIORS_QUESTION = "Which prior features does the model read, from what data, in which assay, and are they public?"
SINCE_QUESTION = "Since which day is the held-out truth public?"
RELEASED_QUESTION = "When were these resources released?"
UNSEEN = frozenset(Regime) - {Regime.RANDOM_CELLS}


@check(
    "L31",
    title="Private or same-assay data as features",
    source="Csendes 2026 (Turbine); TxPert's own perturbation maps",
)
def private_features(claim: Claim, disclosure: Disclosure, materials: Materials, knowledge: Knowledge) -> Finding:
    """No prior feature of a model is made of responses in the benchmark's assay, or of data that others lack.

    FAIL if a prior is made of responses, holds those of the test set as declared, and an unseen condition is claimed;
    WARN if it is made of responses in the same assay, holds those of the test set, or is proprietary; UNKNOWN if
    priors, what one is made of, its assay or its access are not declared. Each entry says whether baselines read the
    same features, and quotes the authors' reason, which changes nothing.
    """
    if disclosure.priors is None:
        return finding("L31", Status.UNKNOWN, "Prior features are not declared.", question=PRIORS_QUESTION)
    if not disclosure.priors:
        return finding("L31", Status.PASS, "The model declares that it reads no prior features.", value=0.0, null=0.0)
    claimed = claim.declared or claim.regime
    rows = []
    for prior in disclosure.priors:
        status, reason = judge_prior(prior, unseen=claimed in UNSEEN)
        shared = read_by_baselines(prior.name, materials, knowledge)
        row = {"prior": prior.name, "status": status.value, "reason": reason, "kind": prior.kind, "assay": prior.assay}
        rows.append(row | {"access": prior.access, "baselines read it": "yes" if shared else "no", "why": prior.why})
    rows.sort(key=lambda row: SEVERITY[Status(row["status"])])
    worst = Status(rows[0]["status"])
    bad = [row for row in rows if row["status"] == worst.value]
    alone = [row["prior"] for row in bad if row["baselines read it"] == "no"]
    total = plural(len(rows), "declared prior")
    if worst is Status.PASS:
        sentence = f"None of {total} is made of responses in the same assay or of proprietary data, as declared."
        return finding("L31", Status.PASS, sentence, value=0.0, null=0.0, threshold=0.0, evidence=rows)
    quoted = f'; the authors: "{bad[0]["why"]}"' if bad[0]["why"] else ""
    sentence = f"{len(bad)} of {total}: {'; '.join(_named(row) for row in bad[:3])}{quoted}"
    if worst is Status.UNKNOWN:
        return finding("L31", worst, f"{sentence}.", evidence=rows, question=PRIORS_QUESTION)
    read = f"baselines do not read {first(alone, 3)}" if alone else "baselines read the same features"
    return finding(
        "L31",
        worst,
        f"{sentence}; {read}.",
        value=float(len(bad)),
        null=0.0,
        threshold=0.0,
        evidence=rows,
        remedy="Train without these features, or hand them in under [knowledge] and report the score without them too.",
    )


def judge_prior(prior: Prior, *, unseen: bool) -> tuple[Status, str]:
    """What a declared prior comes to, and why in words.

    Parameters
    ----------
    unseen
        Whether the claim is of unseen conditions.
    """
    if prior.holds_test:
        reason = "it holds responses of the test set"
        return (Status.FAIL, f"{reason}, which is claimed to be unseen") if unseen else (Status.WARN, reason)
    reasons = []
    if prior.kind == "response" and prior.assay == "same":
        known = "" if prior.holds_test is False else ", and whether it holds the test set's is not declared"
        reasons.append(f"it is made of responses in the same assay{known}")
    if prior.access == "proprietary":
        reasons.append("it is proprietary")
    if reasons:
        return Status.WARN, " and ".join(reasons)
    open_ends = []
    if prior.kind == "unknown":
        open_ends.append("what it is made of")
    if prior.kind == "response" and prior.assay == "unknown":
        open_ends.append("in which assay its responses were measured")
    if prior.access == "unknown":
        open_ends.append("whether it is public")
    if open_ends:
        return Status.UNKNOWN, f"not declared: {', '.join(open_ends)}"
    return Status.PASS, "public, and made of no response in the same assay"


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['prior']}, {row['reason']}"


@dataclass(frozen=True, slots=True)
class Release:
    """What was released when."""

    name: str
    what: str
    day: date | None
    why: str = ""

    def row(self, since: date) -> Mapping[str, Any]:
        """Evidence: a resource beside the day since which the truth is public."""
        late = None if self.day is None else (self.day - since).days
        said = {"why": self.why} if self.why else {}
        return {
            "resource": self.name,
            "what": self.what,
            "released": "unknown" if self.day is None else self.day.isoformat(),
            "truth public since": since.isoformat(),
            "days after": late,
        } | said


@check(
    "L23",
    title="Knowledge younger than the truth",
    source="GO and STRING annotations come partly from published screens",
)
def younger_knowledge(claim: Claim, knowledge: Knowledge) -> Finding:
    """No gene set, network, feature or table of compounds that baselines read was released after the truth was public.

    WARN names those that were: they may hold what the screen found. UNKNOWN if a day of release, or since when the
    truth is public, is not stated; NA without such resources, or if the truth is private. Names of genes and descent
    of cell lines are not asked.
    """
    found = [Release(r.name, "read by baselines", r.released) for r in _learned(knowledge)]
    return _temporal("L23", found, claim.exposure, "No gene set, network, feature or table of compounds is handed in.")


@check(
    "L23m",
    title="Model's knowledge younger than the truth",
    source="GO and STRING annotations come partly from published screens",
)
def younger_priors(claim: Claim, disclosure: Disclosure) -> Finding:
    """No prior, graph or corpus of a model was released after the truth was public.

    WARN names those that were; UNKNOWN if they, a day of release, or since when the truth is public are not declared;
    NA if the truth is private. Chemical structures are not asked.
    """
    return judge_younger(disclosure, claim.exposure)


def judge_younger(disclosure: Disclosure, exposure: Exposure) -> Finding:
    """L23m of what is declared, and of who could see the truth."""
    parts = {"priors": disclosure.priors, "graphs": disclosure.graphs, "pretraining": disclosure.pretraining}
    silent = [name for name, entries in parts.items() if entries is None]
    found = [Release(p.name, "prior", p.released, p.why) for p in disclosure.priors or () if p.kind != "structure"]
    found += [Release(g.name, "graph", g.released, g.why) for g in disclosure.graphs or ()]
    found += [Release(c.name, "corpus", c.released, c.why) for c in disclosure.pretraining or ()]
    return _temporal("L23m", found, exposure, "The model declares no prior, graph or corpus.", silent)


def _learned(knowledge: Knowledge) -> tuple[Resource, ...]:
    """Resources that may have learned from screens."""
    apart = {id(r.resource) for r in (knowledge.genes, knowledge.cell_lines) if r is not None}
    return tuple(r for r in knowledge.resources if id(r) not in apart)


def _listed(names: Sequence[str]) -> str:
    """Join names with commas and ``and``."""
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + list(names[-1:]))


def _temporal(
    name: str, found: Iterable[Release], exposure: Exposure, nothing: str, silent: Sequence[str] = ()
) -> Finding:
    """Compare days of release with the day since which the truth is public."""
    releases, since = list(found), exposure.since
    undeclared = f"{_listed(silent)} {'is' if len(silent) == 1 else 'are'} not declared" if silent else ""
    if exposure.truth == "private":
        return finding(name, Status.NA, "The held-out truth is private, as stated: nothing could be learnt from it.")
    if not releases:
        if silent:
            question = "Which priors, graphs and corpora were used, and when were they released?"
            return finding(name, Status.UNKNOWN, f"{capital(undeclared)}.", question=question)
        return finding(name, Status.NA, nothing)
    if since is None:
        sentence = f"Since when the held-out truth is public is not stated, so {plural(len(releases), 'resource')} "
        dated = [{"resource": r.name, "released": r.day.isoformat() if r.day else "unknown"} for r in releases]
        sentence += "cannot be dated against it."
        return finding(name, Status.UNKNOWN, sentence, evidence=dated, question=SINCE_QUESTION)
    order = sorted(releases, key=lambda r: (r.day is not None, -(r.day - since).days if r.day else 0))
    late = [r for r in order if r.day is not None and r.day > since]
    unknown = [r for r in order if r.day is None]
    rest = [r for r in order if r.day is not None and r.day <= since]
    rows = [r.row(since) for r in (*late, *unknown, *rest)]
    total = plural(len(releases), "resource")
    open_ends = [f"of {len(unknown)} the day is not stated ({first((r.name for r in unknown), 3)})"] if unknown else []
    open_ends += [undeclared] if silent else []
    left = "; " + "; ".join(open_ends) if open_ends else ""
    numbers: dict[str, Any] = {"value": float(len(late)), "null": 0.0, "threshold": 0.0, "evidence": rows}
    if late:
        days = first((f"{r.name} {r.day}" for r in late), 3)
        return finding(
            name,
            Status.WARN,
            f"{len(late)} of {total} released after the truth became public on {since}: {days}{left}.",
            remedy="Use the release before that day.",
            **numbers,
        )
    if open_ends:
        sentence = f"{len(rest)} of {total} released by {since}, when the truth became public{left}."
        return finding(name, Status.UNKNOWN, sentence, question=RELEASED_QUESTION, **numbers)
    sentence = f"All of {total} released by {since}, when the truth became public."
    return finding(name, Status.PASS, sentence, **numbers)
