"""L17, L17m: whether genes, components or scales were chosen with the test set in view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.errors import first
from vcassay.core.finding import SEVERITY
from vcassay.core.wording import capital
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.given.gene_lists import Match, best, compare_lists, sign_test
from vcassay.prediction import Disclosure, Materials
from vcassay.record.disclosure import Chosen
from vcassay.screen import Readout, Screen

Mask = NDArray[np.bool_]

JACCARD_GAIN = Threshold(
    "gene_list_jaccard_gain", 0.05, "proposal: how much nearer a list may be to one made with the test set"
)
JACCARD_P = Threshold("gene_list_p", 0.001, "one-sided sign test over the genes on which the lists made again differ")
JACCARD_KNOWN = Threshold("gene_list_known", 0.4, "Jaccard beyond chance that a usual recipe must reach (proposal)")
FEWEST_GENES = 10
MOST = 0.8
"""Share of the screen's genes beyond which a list leaves nothing to compare."""
FLAGS = ("highly_variable", "highly_variable_genes", "hvg", "variable", "vst.variable")
"""Columns of var that mark chosen genes."""
LIST_QUESTION = "On which cells were genes chosen and scales or components fitted, and can the list be handed in?"
REMEDY = "Choose genes and fit scales on training cells alone, train again and score again."


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a gene list: a status, why, its numbers and rows."""

    status: Status
    text: str
    value: float | None = None
    rows: tuple[Mapping[str, Any], ...] = ()


@check(
    "L17",
    title="Genes marked with the test set in view",
    source="our own (docs/leakage.md): Jaccard index of lists made again",
)
def marked_genes(screen: Screen, split: Split, effects: Effects) -> Finding:
    """Genes that the screen's file marks as highly variable are those of its training cells.

    Lists of the same length are made again by the usual recipes from training cells, from all and from test cells; the
    recipe that comes nearest decides. WARN if the marked genes match all cells or test cells better than training
    cells, by more than 0.05 of the Jaccard index and a sign test over the genes on which the two differ: who takes the
    mark for the model's genes has seen the test set. UNKNOWN where no recipe comes near, or nobody says what was
    trained on; NA without a mark.
    """
    flag, marked = _marked(screen)
    if not flag:
        return finding("L17", Status.NA, "The screen's file marks no genes as chosen.")
    compared = compare_genes(marked, int(marked.sum()), screen, split, effects)
    status = Status.WARN if compared.status is Status.FAIL else compared.status
    return finding(
        "L17",
        status,
        f"Genes marked '{flag}' in the screen's file: {compared.text}.",
        value=compared.value,
        null=0.0,
        threshold=JACCARD_GAIN.value,
        evidence=compared.rows,
        remedy="Choose genes anew on training cells." if status is Status.WARN else "",
        question=LIST_QUESTION if status is Status.UNKNOWN else "",
    )


@check("L17m", title="Genes or scales chosen with the test set in view", source="TxPert chose genes on its test lines")
def chosen_genes(
    screen: Screen, split: Split, effects: Effects, disclosure: Disclosure, materials: Materials
) -> Finding:
    """Genes, components and scales of a model were chosen on training cells.

    FAIL if they were chosen on test cells as declared, or if the list that is handed in matches all cells or test cells
    better than training cells (the rule of L17); WARN if chosen on all cells as declared, or if a list that is declared
    as published matches so (one made elsewhere may, if it knew the test contexts); UNKNOWN where genes or scales are
    not declared, and for a list that no recipe comes near. Published genes, and none chosen, pass.
    """
    genes, rows, value = declared_choice("genes", disclosure.genes, disclosure), [], None
    if materials.genes is not None:
        listed = np.isin(screen.genes, np.asarray(materials.genes, dtype=str))
        compared = compare_genes(listed, len(set(materials.genes)), screen, split, effects)
        value, rows = compared.value, list(compared.rows)
        genes = _with_list(genes, compared, disclosure.genes)
    scales = declared_choice("scales and components", disclosure.scaling, disclosure)
    parts = (genes, scales)
    worst = min((p.status for p in parts), key=SEVERITY.__getitem__)
    facts = [row for p in parts for row in p.rows]
    silent = materials.genes is None and disclosure.genes is None and disclosure.scaling is None
    sentence = "from which cells genes, scales and components come is not declared"
    sentence = sentence if silent else "; ".join(p.text for p in parts)
    return finding(
        "L17m",
        worst,
        f"{capital(sentence)}.",
        value=value,
        null=0.0,
        threshold=JACCARD_GAIN.value,
        evidence=[*rows, *facts] if value is not None else [*facts, *rows],
        remedy=REMEDY if worst in (Status.FAIL, Status.WARN) else "",
        question=LIST_QUESTION if worst is Status.UNKNOWN else "",
    )


def compare_genes(listed: Mask, wanted: int, screen: Screen, split: Split, effects: Effects) -> Compared:
    """Compare a list with lists made again; the reason where that cannot be.

    Parameters
    ----------
    listed
        (g,) genes of the screen that are in the list.
    wanted
        Genes in the list.
    """
    k, g = int(listed.sum()), len(listed)
    of = f"{k:,} genes" if k == wanted else f"{k:,} of its {wanted:,} genes that the screen holds"
    if screen.design.readout not in (Readout.COUNTS, Readout.LOGNORM):
        return Compared(
            Status.UNKNOWN, f"a list of {of} cannot be made again from {screen.design.readout.value} values"
        )
    if not len(split.test) or not len(split.train):
        return Compared(Status.UNKNOWN, "training and test conditions are not both known")
    if split.assumed:
        return Compared(Status.UNKNOWN, f"which cells were trained on is not known: {split.assumed}")
    if len(split.both_sides):
        return Compared(Status.UNKNOWN, "training and test are cells of the same conditions, whose lists do not differ")
    if k < FEWEST_GENES or k > MOST * g:
        why = "the screen holds little else" if k > MOST * g else f"{FEWEST_GENES} are needed"
        return Compared(Status.UNKNOWN, f"a list of {of} among the screen's {g:,} cannot be compared: {why}")
    matches = compare_lists(listed, screen, split, effects)
    nearest = best(matches)
    rows = tuple(_row(m) for m in sorted(matches, key=lambda m: -m.jaccard))
    by_chance = k / (2.0 * g - k)
    if nearest is None or nearest.jaccard - by_chance < JACCARD_KNOWN.value * (1.0 - by_chance):
        near = 0.0 if nearest is None else nearest.jaccard
        text = f"no usual recipe makes its list of {of}: Jaccard {near:.2f} at best, {by_chance:.2f} by chance"
        return Compared(Status.UNKNOWN, text, rows=rows)
    same = [m for m in matches if m.recipe == nearest.recipe]
    own = {o: best(m for m in same if m.origin == o) for o in ("training", "all", "test")}
    sound = own["training"]
    leaked = max((m for o in ("all", "test") if (m := own[o]) is not None), key=lambda m: m.jaccard, default=None)
    if sound is None or leaked is None:
        return Compared(Status.UNKNOWN, f"a list of {of} can be made again from one side alone", rows=rows)
    gain, p = leaked.jaccard - sound.jaccard, sign_test(listed, leaked.genes, sound.genes)
    said = ", ".join(f"{m.jaccard:.2f} from {m.cells}" for m in own.values() if m is not None)
    text = f"{of}, made again by {nearest.recipe}: Jaccard {said}"
    if gain > JACCARD_GAIN.value and p < JACCARD_P.value:
        told = np.flatnonzero(listed & leaked.genes & ~sound.genes)
        names = screen.genes[told].tolist()
        culprits = [{"gene": name, "chosen from": leaked.cells, "not from": sound.cells} for name in names[:10]]
        text = f"{text}; {len(names)} genes are chosen from {leaked.cells} alone ({first(names, 3)}), p = {p:.1g}"
        return Compared(Status.FAIL, text, gain, (*culprits, *rows))
    return Compared(Status.PASS, text, gain, rows)


def declared_choice(what: str, chosen: Chosen | None, disclosure: Disclosure) -> Compared:
    """What the authors say of a choice."""
    if chosen is None:
        return Compared(Status.UNKNOWN, f"from which cells {what} come is not declared")
    why = chosen.why or disclosure.why.get("genes" if what == "genes" else "scaling", "")
    row = {"choice": what, "declared": chosen.data, "why": why}
    words = {
        "test": (Status.FAIL, f"{what} were chosen on test cells, as declared"),
        "all": (Status.WARN, f"{what} were chosen on all cells, the test set's among them, as declared"),
        "training": (Status.PASS, f"{what} were chosen on training cells, as declared"),
        "published": (Status.PASS, f"{what} were taken from a publication, as declared"),
        "none": (Status.PASS, f"no {what} were chosen, as declared"),
    }
    status, text = words[chosen.data]
    return Compared(status, text + (f' ("{why}")' if why else ""), rows=(row,))


def _with_list(declared: Compared, compared: Compared, chosen: Chosen | None) -> Compared:
    """Join what is declared of genes with what their list shows."""
    said = f"{declared.text}; the list: {compared.text}" if chosen else f"genes handed in: {compared.text}"
    if compared.status is Status.FAIL:
        status = Status.WARN if chosen is not None and chosen.data == "published" else Status.FAIL
    elif chosen is None or (compared.status is Status.UNKNOWN and declared.status is Status.PASS):
        status = compared.status
    else:
        status = declared.status
    return Compared(status, said, compared.value, declared.rows)


def _marked(screen: Screen) -> tuple[str, Mask]:
    """The column of var that marks chosen genes, and the (g,) marks; an empty name without one."""
    var = screen.adata.var
    for name in _known(var.columns):
        values = var[name]
        if values.dtype.kind in "bui" and set(np.unique(values.to_numpy()).tolist()) <= {0, 1}:
            marks = values.to_numpy().astype(bool)
            if marks.any():
                return name, marks
    return "", np.zeros(screen.adata.n_vars, dtype=bool)


def _known(columns: Iterable[Any]) -> list[str]:
    have = {str(c).casefold(): str(c) for c in columns}
    return [have[name] for name in FLAGS if name in have]


def _row(match: Match) -> Mapping[str, Any]:
    return {"recipe": match.recipe, "cells": match.cells, "origin": match.origin, "jaccard": match.jaccard}
