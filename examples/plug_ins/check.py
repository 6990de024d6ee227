"""A leakage check: test perturbations that only ever stand in one batch, which a batch effect could stand for."""

import vcassay as va
from vcassay.evidence.leakage import finding


@va.check("single_batch", title="Test perturbations in a single batch", source="this file")
def single_batch(conditions, split, screen):
    """Few test conditions were measured in one batch alone; not applicable where the screen names no batches."""
    if len(screen.table.batches) < 2:
        return finding("single_batch", va.Status.NA, "The screen has one batch.")
    alone = [conditions.ids[i] for i in split.test if len(screen.batches[i]) == 1]
    share = len(alone) / max(len(split.test), 1)
    return finding(
        "single_batch",
        va.Status.WARN if share > 0.1 else va.Status.PASS,
        f"{len(alone)} of {len(split.test)} test conditions were measured in a single batch.",
        value=share,
        threshold=0.1,
        evidence=({"condition": name} for name in alone),
        remedy="repeat them in another batch, or score batches apart" if share > 0.1 else "",
    )
