"""Series of splits: folds, repeats with seeds that follow on, and a sweep over the number of shots."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.claim import Split
from vcassay.claim.make import DEFAULT_FRACTION
from vcassay.claim.makers import few_shot_sweep
from vcassay.core import InputError
from vcassay.run.splits import drawn_split, kin
from vcassay.run.stage1 import Stage1


def split_series(
    stage: Stage1, *, folds: int | None = None, repeats: int | None = None, sweep: Sequence[float] | None = None
) -> dict[str, Split]:
    """Draw a study's split several times.

    Parameters
    ----------
    folds
        Number of folds (gex, dex and cex).
    repeats
        Number of draws, with the study's seed and those that follow.
    sweep
        Shots shown of a held-out context; nested, and all scored on what none of them shows.

    Returns
    -------
    Name to split, in order.

    Raises
    ------
    InputError
        If the study's split is not drawn by a maker, or not by one that can be folded or swept.
    """
    section = stage.study.split
    if section.make is None and section.protocol is None:
        raise InputError("draws no split that could be repeated", where="[split]", mend="state [split] make")
    if sweep:
        if section.make not in ("few-shot", "cex"):
            raise InputError("sweeps over shots of held-out contexts", where="--sweep", mend="use make = 'few-shot'")
        _, together = kin(section, stage.related)
        made = few_shot_sweep(
            stage.screen.conditions,
            shots=sweep,
            fraction=section.fraction or DEFAULT_FRACTION,
            seed=section.seed,
            contexts=section.contexts,
            together=together,
        )
        return {f"shots-{k:g}": split for k, split in made.items()}
    if folds is not None:
        sections = {f"fold-{i}": section.model_copy(update={"folds": folds, "fold": i}) for i in range(folds)}
    else:
        sections = {
            f"repeat-{i}": section.model_copy(update={"seed": section.seed + i}) for i in range(repeats or 0)
        }  # fmt: skip
    return {
        name: drawn_split(own, stage.screen, stage.knowledge, stage.related) for name, own in sections.items()
    }  # fmt: skip
