"""Biology as a publication reports it: measured, illustrated, contradicted, not shown, or not askable with its data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vcassay.core import Finding, Status
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS
from vcassay.record.card import COMPOUND_KINDS, Diagnosed
from vcassay.record.rooms import BIOLOGY_ROOMS


class Data(NamedTuple):
    """What the benchmarks' data let one ask.

    Attributes
    ----------
    modalities
        Kinds of perturbation over all benchmarks; empty where none is stated.
    doses
        Whether some data set has several doses of a compound; ``None`` where that is not known.
    single, scalar
        Whether each benchmark tests a single perturbation, and whether its readout is one number a condition.
    """

    modalities: frozenset[str] = frozenset()
    doses: bool | None = None
    single: bool = False
    scalar: bool = False

    @property
    def genes(self) -> bool:
        """Whether genes may be perturbed: where nothing is stated, they may."""
        return not self.modalities or bool(self.modalities - COMPOUND_KINDS)

    @property
    def cytokines(self) -> bool:
        """Whether cytokines alone are what is given."""
        return self.modalities == {"cytokine"}

    @property
    def compounds(self) -> bool:
        """Whether compounds may be."""
        return not self.modalities or bool(self.modalities & COMPOUND_KINDS)


SHOWS: dict[str, str] = {
    "dose": "whether predicted effects grow with dose, and level off, as the measured ones do, beside the same of "
    "shuffled doses",
    "mechanism": "whether drugs of one mechanism and different structure are predicted alike, beyond chemistry",
    "stress": "how much of the skill is left when stress and toxicity are projected out",
    "pathway": "whether perturbations move the pathway of their target, or genes of one complex act alike, more than "
    "matched random sets",
    "modality": "the rank of the target's own knock-down among all knock-downs by its inhibitor's predicted effect, "
    "and what genetic training data add to drug predictions",
    "attribution": "what is left when batch is taken away, and to which genes predictions are attributed",
    "specificity": "the skill that is left beyond the means of perturbation and context",
    "universal": "the share of silenced genes that are predicted to fall",
}
"""What would show an answer, by room."""


OF_GENES: dict[str, str] = {
    "pathway": "whether genes of one complex or pathway act alike, more than matched random pairs",
    "modality": "whether activating a gene is predicted to do the opposite of repressing it",
}
"""The same where genes alone are perturbed."""
OF_CYTOKINES = {
    "pathway": "whether cytokines move the pathway of their receptor more than matched random sets of genes",
}
"""The same where cytokines alone are given."""
TITLES_OF_GENES = {
    "pathway": "Do genes of one complex or pathway act alike?",
    "modality": "Does activating a gene do the opposite of repressing it?",
    "universal": "Does a silenced gene fall, as it must?",
}
TITLES_OF_CYTOKINES = {"pathway": "Do cytokines act on the pathway of their receptor?"}
"""Questions that speak of drugs, put to genes and to cytokines."""
READOUT_OF_GENES = frozenset({"stress", "attribution", "universal"})
"""Rooms that need a readout of many genes."""


def shows(room: str, data: Data) -> str:
    """What would show an answer with these data."""
    own = OF_CYTOKINES if data.cytokines else {} if data.compounds else OF_GENES
    return own.get(room, SHOWS[room])


def title_of(room: str, data: Data) -> str:
    """A question of biology as it is put to these data."""
    own = TITLES_OF_CYTOKINES if data.cytokines else {} if data.compounds else TITLES_OF_GENES
    return own.get(room, BIOLOGY_ROOMS[room])


def judge_biology(notes: Sequence[Diagnosed] | None, data: Data) -> Iterator[Finding]:
    """One finding a question of biology, in the founding document's order; they are diagnostics and decide no verdict.

    Parameters
    ----------
    notes
        What the card says is shown; ``None`` where nothing is.
    """
    for room in BIOLOGY_ROOMS:
        own = [n for n in notes or () if n.room == room]
        why = "" if own else _not_askable(room, data)
        if why:
            yield _finding(room, Status.NA, f"Not askable with these data: {why}.", data)
        elif own:
            yield _shown(room, own, data)
        else:
            yield _finding(room, Status.UNKNOWN, f"Not shown; wanted is {shows(room, data)}.", data, asks=True)


def _shown(room: str, own: Sequence[Diagnosed], data: Data) -> Finding:
    said = " ".join(f"{n.sentence.rstrip('.')}." for n in own)
    how = {n.shown for n in own}
    if "contradicted" in how:
        return _finding(room, Status.FAIL, f"Contradicted: {said}", data)
    if "measured" in how:
        return _finding(room, Status.PASS, f"Measured beside a null or a baseline: {said}", data)
    sentence = f"Illustrated, not measured: {said} Examples show that it can happen, not how often."
    return _finding(room, Status.WARN, sentence, data, asks=True)


def _not_askable(room: str, data: Data) -> str:
    """Why data cannot answer a question; empty where they may."""
    if room == "dose":
        if not data.compounds:
            return "genes are perturbed, and have no dose"
        if data.single and data.doses is None:
            return "one perturbation is tested, and no doses of it are reported"
        return "every compound has one dose" if data.doses is False else ""
    if room == "mechanism" and not data.compounds:
        return "genes are perturbed, and have no chemistry"
    if room == "mechanism" and data.cytokines:
        return "cytokines are given, which share no chemistry"
    if room in READOUT_OF_GENES and data.scalar:
        return "the readout is one number, not genes"
    if room == "mechanism" and data.single:
        return "one compound is tested, and has no others to be like"
    if room == "modality" and not (data.genes and data.compounds) and len(data.modalities) < 2:
        return f"only one kind of perturbation is in them ({', '.join(sorted(data.modalities))})"
    if room == "universal" and not data.genes:
        return "no gene is perturbed"
    return ""


def diagnostics_of(room: str) -> tuple[str, ...]:
    """Diagnostics of the package that would measure it."""
    return tuple(e.name for e in DIAGNOSTICS if e.meta["room"] == room)


def _finding(room: str, status: Status, sentence: str, data: Data, *, asks: bool = False) -> Finding:
    """A finding; where it asks, with what would show an answer."""
    title = title_of(room, data)
    rows = ({"measured here by": list(diagnostics_of(room))},) if asks else ()
    question = f"{title} Wanted is {shows(room, data)}." if asks else ""
    return Finding(room, title, status, sentence, evidence=rows, question=question, family="biology")
