"""L16: whether a model saw control rows of a context that is held out, and may have."""

from __future__ import annotations

import re

import numpy as np

from vcassay.claim import Claim, Split
from vcassay.claim.grants import GRANTS, granted
from vcassay.core import Finding, Status
from vcassay.core.affected import Affected, affected_where
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.refusal import no_controls
from vcassay.prediction import Disclosure

_CONTROL = r"control|ctrl|unperturbed|untreated|vehicle|dmso|non-?targeting|basal|baseline"
CONTROL_INPUT = re.compile(rf"(?<![a-z])({_CONTROL})s?(?![a-z])|(?<![a-z])({_CONTROL})(expr|cell|profile|state|count)")
"""Input names that mean an expression of control cells: ``control_expression``, ``basal profile``, ``ctrl``."""
NO_EXPRESSION = re.compile(r"quality|batch|(?<![a-z])(name|id|label)s?(?![a-z])")


def reads_controls(inputs: tuple[str, ...]) -> list[str]:
    """Names among a model's inputs that mean control cells."""
    plain = [re.sub(r"[\s_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).lower() for name in inputs]
    return [
        name for name, p in zip(inputs, plain, strict=True) if CONTROL_INPUT.search(p) and not NO_EXPRESSION.search(p)
    ]


@check(
    "L16", title="Controls of a held-out context seen", source="protocols of unseen contexts; ivcbench splits/audit.py"
)
def target_controls(effects: Effects, split: Split, claim: Claim, disclosure: Disclosure) -> Finding:
    """A model saw controls of a held-out context only where the claim grants them, and says so.

    Held out are contexts of test conditions without any training condition. FAIL where the model declares to have seen
    no controls and names their expression among its inputs, or where it saw controls that the claim does not grant.
    UNKNOWN where nothing is declared. PASS, with the number of control rows, where they are granted or were not seen.
    NA where no context is held out, or there are no control rows.
    """
    if (stop := no_controls("L16", effects)) is not None:
        return stop
    context = effects.conditions.context[split.test]
    trained = np.unique(effects.conditions.context[split.train])
    held = [c for c in np.unique(context).tolist() if c not in set(trained.tolist())]
    if not held:
        return finding("L16", Status.NA, "No context is held out: each test context has training conditions.")
    in_pool = effects.moments.slots.control_rows
    rows = {c: int(in_pool[np.asarray(effects.pool_context) == c].sum()) for c in held}
    apart = split.reserved_shards and max(rows.values()) > 1
    left = "half of them kept for scoring" if apart else "none of them kept for scoring"
    counts = (
        f"{plural(sum(rows.values()), 'control row')} of {plural(len(held), 'held-out context')} "
        f"({first([f'{c}: {n:,}' for c, n in rows.items()], 3)}; {left})"
    )
    evidence = [
        {"context": c, "control rows": n, "test conditions": int((context == c).sum())} for c, n in rows.items()
    ]
    affected: Affected = affected_where("in contexts of which no condition was trained", np.isin(context, held))
    if disclosure.controls is None:
        return finding(
            "L16",
            Status.UNKNOWN,
            f"Whether the model saw any of the {counts} is not declared.",
            evidence=evidence,
            question="Did the model see control cells of the held-out contexts, in training or as an input?",
            affected=affected,
        )
    reads = reads_controls(disclosure.input_names or ())
    if disclosure.controls == "none":
        if not reads:
            sentence = f"The model declares to have seen none of the {counts}."
            return finding("L16", Status.PASS, sentence, evidence=evidence)
        why = disclosure.why.get("controls", "")
        return finding(
            "L16",
            Status.FAIL,
            f"The model declares to have seen no controls, and reads {', '.join(reads)}: there are {counts}."
            + (f' It says of it: "{why}".' if why else ""),
            evidence=[{"input": name} for name in reads] + evidence,
            remedy="Declare which controls the inputs were made of, or predict without them.",
            affected=affected,
        )
    test_granted = granted(claim.novelty)["target_controls"]
    forbidden = np.isin(context, held) & ~test_granted
    said = "all controls" if disclosure.controls == "all" else "the controls left to training"
    if forbidden.any():
        return finding(
            "L16",
            Status.FAIL,
            f"The model saw {said}, and the claim does not grant {GRANTS['target_controls']} for "
            f"{plural(int(forbidden.sum()), 'test condition')}: there are {counts}.",
            evidence=evidence,
            remedy="Train without them, or claim a context whose controls are known.",
            affected=affected_where("whose context's controls are not granted", forbidden),
        )
    sentence = f"The model saw {said}; the claim grants the {counts}."
    return finding("L16", Status.PASS, sentence, evidence=evidence)
