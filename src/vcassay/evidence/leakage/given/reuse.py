"""L29: how often the test set was looked at while the model was made."""

from __future__ import annotations

import re

from vcassay.arrays.selection import expected_maximum
from vcassay.claim import Claim
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.prediction import Disclosure

FLATTERY = Threshold(
    "reuse_flattery",
    1.0,
    "standard errors: the best of 4 equally good variants is expected that far above its own score (proposal)",
)
TEST_WORDS = frozenset({"test", "testing", "holdout", "heldout", "leaderboard"})
PLAIN_WORDS = frozenset(
    {"on", "the", "by", "set", "split", "data", "score", "scores", "public", "final", "held", "out"}
)
"""Words beside which a word of `TEST_WORDS` says that choices were made on the test set."""
OTHER_WORDS = frozenset(
    {"validation", "val", "cv", "cross", "training", "train", "none", "no", "fixed", "default", "defaults", "published",
     "nested", "prior", "nothing"}
)  # fmt: skip
SELECTION_QUESTION = "On which data were hyperparameters, checkpoints and variants of the model chosen?"
LOOKS_QUESTION = "How often was the test set scored while the model was made, the final score included?"


def chosen_on_test(selection: str) -> bool | None:
    """Whether a declaration of how the model was chosen says that it was on the test set.

    Returns
    -------
    ``None`` where the words leave it open: ``validation, never test``.
    """
    words = set(
        re.findall(r"[a-z]+", selection.casefold().replace("held-out", "heldout").replace("hold-out", "holdout"))
    )
    if not words & TEST_WORDS:
        return False if words & OTHER_WORDS else None
    return True if words <= TEST_WORDS | PLAIN_WORDS else None


@check("L29", title="Test set reused", source="looks at the test set; Dwork et al. 2015, Science 349:636-638")
def reused_test_set(claim: Claim, disclosure: Disclosure) -> Finding:
    """The model was chosen without the test set, which was scored once.

    FAIL where the choice was made on the test set, or where the declared looks or public submissions (the larger
    number, as one may hold the other) are so many that the best of as many equally good variants is expected
    `FLATTERY` standard errors or more above what it would score anew. WARN for fewer looks beyond the final one.
    UNKNOWN where the choice or the looks are not declared, or in words that leave it open. The study's ledger, if
    it keeps one, is told beside.
    """
    return judge_reuse(disclosure, claim.exposure.looks)


def judge_reuse(disclosure: Disclosure, ledger: int | None) -> Finding:
    """L29 of what is declared, and of the looks that a ledger counts, where there is one."""
    on_test = None if disclosure.selection is None else chosen_on_test(disclosure.selection)
    counts = {"looks": disclosure.looks, "submissions": disclosure.submissions}
    known = {name: n for name, n in counts.items() if n is not None}
    k = max(known.values(), default=0)
    best = expected_maximum(k) if k else 0.0
    said = [
        f"{plural(n, name[:-1])}" if name == "looks" else plural(n, "public submission") for name, n in known.items()
    ]
    said += [f"selection: '{disclosure.selection}'"] if disclosure.selection is not None else []
    words = f"declared are {', '.join(said)}" if said else "nothing is declared of it"
    words += f"; the study's ledger counts {plural(ledger, 'predictions file')}" if ledger else ""
    rows = [
        {"declared": name, "value": value, "why": disclosure.why.get(name, "")}
        for name, value in {"selection": disclosure.selection, **counts}.items()
        if value is not None
    ]
    more = {"value": float(k) if known else None, "null": 1.0, "threshold": 1.0, "evidence": rows}
    flattered = f"the best of {k:,} equally good variants is {best:.1f} standard errors above its own score"
    remedy = "Score the final model on a test set that nobody has looked at, or report the score before the choice."
    if on_test:
        more_words = f", and {flattered}" if best else ""
        return finding(
            "L29",
            Status.FAIL,
            f"The model was chosen on the test set ({words.removeprefix('declared are ')}){more_words}.",
            remedy=remedy,
            **more,
        )
    if best >= FLATTERY.value:
        return finding("L29", Status.FAIL, f"The test set was reused: {words}; {flattered}.", remedy=remedy, **more)
    if best > 0:
        return finding(
            "L29", Status.WARN, f"The test set was scored before: {words}; {flattered}.", remedy=remedy, **more
        )
    open_ = [SELECTION_QUESTION] * (on_test is None) + [LOOKS_QUESTION] * (disclosure.looks is None)
    if open_:
        what = "How the model was chosen" if on_test is None else "How often the test set was looked at"
        sentence = f"{what} is not known: {words}."
        return finding("L29", Status.UNKNOWN, sentence, question=" ".join(open_), **more)
    return finding("L29", Status.PASS, f"The test set was not used to choose the model: {words}.", **more)
