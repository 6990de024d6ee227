"""Gallery: the drawings of each of biology's rooms, with what they show in a line."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.dose import dose_figures
from vcassay.report.figures.biology.gains import gain_figure
from vcassay.report.figures.biology.heatmap import class_maps, target_maps
from vcassay.report.figures.biology.lines import line_figure
from vcassay.report.figures.biology.shares import share_figure
from vcassay.report.figures.biology.stress import stress_figure
from vcassay.report.figures.figure import Figure


@dataclass(frozen=True, slots=True)
class Gallery:
    """Drawings that are read together.

    Attributes
    ----------
    title
        What they show.
    figures
        Drawn side by side.
    caption
        How to read all of them.
    note
        What was left out.
    columns
        How they are laid out: ``four``, ``even`` or ``half``.
    keyed
        Whether the marks of models need their key.
    """

    title: str
    figures: tuple[Figure, ...]
    caption: str = ""
    note: str = ""
    columns: str = "even"
    keyed: bool = True


def galleries(record: AssessmentRecord) -> dict[str, list[Gallery]]:
    """Drawings of each room that stored rows for them."""
    doses, note = dose_figures(record)
    found = {
        "dose": [Gallery("Response against dose", tuple(doses), "The same axes everywhere.", note, "four")],
        "mechanism": [
            Gallery(
                "Likeness within and between mechanisms",
                tuple(class_maps(record)),
                "Mean cosine of the effects of two drugs. Blue: alike; orange: opposite; fainter: nearer to 0. On the "
                "diagonal: drugs of one mechanism. Structure has a scale of its own.",
                columns="three",
                keyed=False,
            )
        ],
        "stress": [Gallery("", tuple(stress_figure(record)), columns="half")],
        "pathway": [
            Gallery("", tuple(_expected(record)), columns="half"),
            Gallery(
                "Drugs and the loss of a pathway's genes",
                tuple(target_maps(record)),
                "Blue: more alike than to matched genes; orange: less.",
                columns="three",
                keyed=False,
            ),
        ],
        "modality": [
            Gallery("", tuple(_analogues(record)), columns="half"),
            Gallery("", tuple(gain_figure(record)), columns="half", keyed=False),
        ],
        "attribution": [
            Gallery("", tuple(share_figure(record)), columns="half", keyed=False),
            Gallery("", (*_inputs(record), *_nuisance(record))),
        ],
        "specificity": [Gallery("", tuple(_beyond(record)), columns="half")],
        "universal": [Gallery("", tuple(_own_genes(record)), columns="half")],
    }
    drawn = {room: [g for g in own if g.figures] for room, own in found.items()}
    return {room: own for room, own in drawn.items() if own}


def _expected(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "target_pathway",
        "expectation",
        name="expected",
        title="Expected responses",
        label=lambda r: f"{r.get('class', '')} → {r.get('set', '')} {'up' if float(r.get('sign', 1)) > 0 else 'down'}",
        axis="response in the expected direction, in sd of matched sets",
        caption="Ink: measured; marks: models. To the right of the dashed line, the way that is expected.",
        reference=0.0,
    )


def _analogues(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "inhibitor_analogue",
        "analogue",
        name="analogues",
        title="Where the target's knock-down stands",
        label=lambda r: f"{r.get('perturbation', '')} ({r.get('target', '')})",
        axis="share of knock-downs that are less alike than the target's",
        caption="1: of all knock-downs, that of the target is most like the compound; dashed: chance.",
        reference=0.5,
        order=lambda r: float(r.get("truth") or 0.0),
    )


def _inputs(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "input_use",
        "input",
        name="inputs",
        title="What effects change with",
        label=lambda r: str(r.get("input", "")),
        axis="share of the variance of effects",
        caption="Ink: carried by it in the measured effects; marks: what changes when a model's input is exchanged.",
        model="change",
    )


def _nuisance(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "nuisance_genes",
        "genes",
        name="nuisance",
        title="Effects on genes that tell cells apart",
        label=lambda r: str(r.get("programme", "")),
        axis="share of the squared effect",
        caption="Ink: measured; marks: models.",
        model="mass",
    )


def _beyond(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "interaction",
        "context",
        name="beyond",
        title="Beyond the means, by context",
        label=lambda r: f"{r.get('context', '')} (n = {int(r.get('conditions') or 0):,})",
        axis="correlation of what is left",
        caption="Ink: one half of the measured effects against the other; marks: models; dashed: nothing.",
        reference=0.0,
        order=lambda r: float(r.get("truth") or 0.0),
    )


def _own_genes(record: AssessmentRecord) -> list[Figure]:
    return line_figure(
        record,
        "self_knockdown",
        "target",
        name="own-genes",
        title="The perturbed gene itself",
        label=lambda r: f"{r.get('perturbation', '')}, {r.get('context', '')} ({r.get('expected', '')})",
        axis="change of the gene's own expression",
        caption="Ink: measured; marks: models. In brackets the way that is meant.",
        reference=0.0,
    )
