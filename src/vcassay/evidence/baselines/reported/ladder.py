"""The ladder as reported: which tiers a publication shows, what it lacks, and what that leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vcassay.core import STRENGTH, Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.core.finding import Titled
from vcassay.core.wording import capital
from vcassay.evidence.baselines.baseline import BASELINES, TIERS
from vcassay.evidence.baselines.reported.aliases import MODEL, REPLICATE, Recognised, recognise
from vcassay.evidence.baselines.reported.wanted import NEEDED, SAME_CONDITION, Wanted, legal_under, wanted_under
from vcassay.record.card import Benchmark, Compared

TITLES = {
    "ladder": "No baseline reported",
    "rivals": "Only complex models to compare with",
    "trivial": "Only no change as a baseline",
    "T3": "No domain-informed baseline",
    "T4": "No replicate reference",
    "unrecognised": "Comparison not recognised",
    "flawed": "Flawed baseline",
    "oracle": "Baseline that reads what the split hides",
}
"""Findings of this room that are not named after a rung."""

_finding = Titled(TITLES, "baselines")
SIMPLE = (
    "What do no change, the mean of the training perturbations, a linear model and a forest on prior features score on "
    "the same split?"
)
"""What is asked for where the split is not described, so that nobody can say which rungs it allows."""
ORDER = ("T0", "T1", "T2", "T3", "T4", MODEL)


@dataclass(frozen=True, slots=True)
class Reported:
    """What one benchmark shows beside the model.

    Attributes
    ----------
    regimes
        Of its test conditions, the weakest first; empty where the split is not described.
    rows
        Every comparison, as recognised.
    lacking
        Rungs that the split allows and that are not reported, those first that matter most.
    """

    regimes: tuple[Regime, ...]
    rows: tuple[Recognised, ...]
    lacking: tuple[Wanted, ...]

    def counted(self, row: Recognised) -> bool:
        """Whether a comparison counts as a baseline: one that is recognised, legal and without a known flaw."""
        return row.tier in TIERS and row.tier != REPLICATE and not row.flaw and self.legal(row)

    def legal(self, row: Recognised) -> bool:
        """Whether it reads no more than the split grants; a rung of no name in the registry is believed."""
        return not row.baseline or not self.regimes or legal_under(row.baseline, self.regimes)

    @property
    def tiers(self) -> dict[str, tuple[str, ...]]:
        """Tier to the names of what was reported of it, flawed baselines among them."""
        named = {t: tuple(r.name for r in self.rows if r.tier == t) for t in ORDER}
        return {t: names for t, names in named.items() if names}

    @property
    def baselines(self) -> tuple[Recognised, ...]:
        """Comparisons that count."""
        return tuple(r for r in self.rows if self.counted(r))

    @property
    def uncounted(self) -> dict[str, str]:
        """Names of the ladder that do not count, with a reason."""
        idle = (r for r in self.rows if r.flaw or (r.tier in TIERS and r.tier != REPLICATE and not self.legal(r)))
        return {r.name: r.flaw or "it reads what the split does not grant" for r in idle}

    @property
    def trivial(self) -> bool:
        """Whether no change is the only baseline that counts."""
        return {r.tier for r in self.baselines} == {"T0"}

    def unread(self, name: str) -> bool:
        """Whether a comparison of that name is not recognised, by itself or as listed."""
        own = next((r for r in self.rows if r.name == name), None)
        return bool(name) and not (own or recognise(Compared(name=name), frozenset(self.regimes))).tier

    @property
    def replicate(self) -> bool:
        """Whether a replicate reference is shown."""
        return any(r.tier == REPLICATE for r in self.rows)

    @property
    def needed(self) -> tuple[str, ...]:
        """What the verdict cannot do without and is not reported, in words."""
        out = [w.title for w in self.lacking if w.needed]
        if self.lacks_domain:
            known = next((w.title for w in self.lacking if w.tier == NEEDED), "")
            out.append(f"a domain-informed baseline (T3){f', such as {known}' if known else ''}")
        return tuple(out)

    @property
    def lacks_domain(self) -> bool:
        """Whether no domain-informed baseline counts, although something is unseen."""
        return not set(self.regimes) <= SAME_CONDITION and not any(r.tier == NEEDED for r in self.baselines)


def report_ladder(
    benchmark: Benchmark,
    regimes: Sequence[Regime],
    modality: str = "",
    *,
    single: bool = False,
    one_context: bool = False,
) -> Reported:
    """Recognise what is reported beside a model, and say what the split allows and is not there.

    Parameters
    ----------
    single
        Whether a single perturbation is tested.
    one_context
        Whether a single context is trained, beside the test contexts.
    """
    ordered = tuple(sorted(set(regimes), key=STRENGTH.index))
    rows = tuple(recognise(c, frozenset(ordered)) for c in benchmark.baselines)
    shown = Reported(ordered, rows, ())
    have = {r.baseline for r in shown.baselines}
    wanted = wanted_under(ordered, modality or benchmark.modality, single=single, one_context=one_context)
    lacking = tuple(w for w in wanted if not have & set(w.members))
    return Reported(ordered, rows, lacking)


def judge_baselines(shown: Reported) -> Iterator[Finding]:
    """Findings of what is compared with: what is not there, does not count or is not known."""
    yield from _strange(shown)
    counted = shown.baselines
    if not counted:
        rivals = [r.name for r in shown.rows if r.tier == MODEL]
        if rivals:
            sentence = (
                f"The model is compared with {first(rivals, 4)} alone: complex models against complex models say "
                "nothing of how hard the task is."
            )
            remedy = "Report the mean, the linear model and a forest."
            yield _finding("rivals", Status.FAIL, sentence, question=_ask(shown.lacking) or SIMPLE, remedy=remedy)
        else:
            yield _finding(
                "ladder", Status.FAIL, "No baseline is reported that counts.", question=_ask(shown.lacking) or SIMPLE
            )
    elif shown.trivial:
        rivals = [r.name for r in shown.rows if r.tier == MODEL]
        beside = f", beside other complex models ({first(rivals, 4)})" if rivals else ""
        sentence = f"No change is the only baseline{beside}: any response in the right direction beats it."
        yield _finding("trivial", Status.WARN, sentence, remedy="Report the mean, the linear model and a forest.")
    if shown.lacks_domain and shown.regimes:
        yield _domain(shown)
    for want in shown.lacking:
        if want.needed:
            sentence = f"{capital(want.title)} is not reported, although the split allows it: {want.why}."
            title = f"No {BASELINES[want.key].meta['title']}"
            yield _finding(want.key, Status.WARN, sentence, title=title, question=_ask([want]))
    if not shown.replicate:
        sentence = "No replicate is shown, so nobody can tell how much of what is attainable the model attains."
        question = "What does a replicate of the measured conditions score (split halves, with split controls)?"
        yield _finding("T4", Status.WARN, sentence, question=question)


def _strange(shown: Reported) -> Iterator[Finding]:
    """Comparisons that do not count, and why."""
    for row in shown.rows:
        if row.flaw:
            sentence = f"'{row.name}' does not count as reported: {row.flaw.rstrip('.')}."
            yield _finding("flawed", Status.WARN, sentence, remedy="Run it as it was published, and report it again.")
        elif not row.tier:
            sentence = f"'{row.name}' is not recognised, and does not count."
            remedy = (
                "Say on the card which it is: baseline = a name of `vcassay list baselines`, or tier = 'T0' to 'T4' "
                "or 'model'."
            )
            yield _finding("unrecognised", Status.UNKNOWN, sentence, remedy=remedy)
        elif not shown.legal(row):
            reads = BASELINES[row.baseline].meta["title"]
            regimes = " and ".join(str(r) for r in shown.regimes)
            sentence = f"'{row.name}' ({reads}) reads what {regimes} hides: an oracle, no rival to beat or to lose to."
            yield _finding("oracle", Status.WARN, sentence, remedy="Compute it from training contexts alone.")


def _domain(shown: Reported) -> Finding:
    known = [w for w in shown.lacking if w.tier == NEEDED]
    such = f", such as {' or '.join(w.title for w in known)}" if known else ""
    above = "Beyond means and linear models nothing is reported" if shown.baselines else "Nothing is reported"
    sentence = f"{above} that an experienced computational biologist would try on the same data{such}."
    return _finding("T3", Status.WARN, sentence, question=_ask(known))


def _ask(wanted: Sequence[Wanted]) -> str:
    titles = list(dict.fromkeys(w.title for w in wanted))[:3]
    if len(titles) > 1:
        return f"What do these score on the same split: {'; '.join(titles)}?"
    return f"What does {titles[0]} score on the same split?" if titles else ""


def scored(question: str) -> tuple[str, ...]:
    """Titles of the rungs whose score a question asks for; none of a question of another kind."""
    for head, tail in (("What do these score on the same split: ", "?"), ("What does ", " score on the same split?")):
        if question.startswith(head) and question.endswith(tail):
            return tuple(question.removeprefix(head).removesuffix(tail).split("; "))
    return ()
