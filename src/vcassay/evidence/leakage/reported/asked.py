"""Asked: which leakage checks matter under a regime and a kind of perturbation, and what to ask the authors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vcassay.claim import Exposure
from vcassay.claim.protocols import Trap
from vcassay.core import Regime
from vcassay.core.regime import NEW_CONTEXT
from vcassay.evidence.leakage.given.graphs import QUESTION as GRAPH_QUESTION
from vcassay.evidence.leakage.given.pretraining import CORPORA_QUESTION
from vcassay.evidence.leakage.given.priors import PRIORS_QUESTION
from vcassay.evidence.leakage.given.reuse import LOOKS_QUESTION, SELECTION_QUESTION
from vcassay.evidence.leakage.given.selection import LIST_QUESTION
from vcassay.evidence.leakage.kin.contexts import QUESTION as CONTEXTS_QUESTION
from vcassay.evidence.leakage.kin.genes import QUESTION as GENES_QUESTION
from vcassay.evidence.leakage.roles.filtered import FILTERS_QUESTION
from vcassay.record.card import COMPOUND_KINDS

OF_CELLS = frozenset({"L15", "L17m", "L20m"})
"""Checks of control cells, chosen genes and numbers of cells: where the readout is one number there are none."""


@dataclass(frozen=True, slots=True)
class Benched:
    """What a check needs to know of a benchmark.

    Attributes
    ----------
    regimes
        Of its test conditions; empty where the split is not described.
    modality
        Kind of perturbation; empty where it is not stated.
    contexts
        Names of the test contexts.
    exposure
        Who could see the truth, and under what names the data set goes.
    traps
        What is known of the published split.
    single
        Whether a single perturbation is tested, so that none can be exchanged for another.
    of_data
        Check to what is known of the data set that it asks for, in a sentence.
    scalar
        Whether the readout is one number a condition (viability, fitness), so that no genes are chosen or cells told.
    """

    regimes: tuple[Regime, ...]
    modality: str
    contexts: tuple[str, ...]
    exposure: Exposure
    traps: tuple[Trap, ...] = ()
    single: bool = False
    of_data: Mapping[str, str] = field(default_factory=dict)
    scalar: bool = False

    @property
    def compounds(self) -> bool:
        """Whether compounds may be tested."""
        return self.modality in (*COMPOUND_KINDS, "")

    @property
    def genes(self) -> bool:
        """Whether genes may be tested."""
        return self.modality not in COMPOUND_KINDS


@dataclass(frozen=True, slots=True)
class Asked:
    """A check as a question to the authors.

    Attributes
    ----------
    check
        Name in the catalogue.
    question, why
        What is asked, and what hangs on the answer.
    regimes
        Under which it matters; empty for all.
    kind
        ``compounds`` or ``genes`` where it speaks of these alone.
    """

    check: str
    question: str
    why: str
    regimes: frozenset[Regime] = frozenset()
    kind: str = ""

    def applies(self, bench: Benched) -> bool:
        """Whether it matters for a benchmark; where nothing is known of the split, general questions alone do."""
        if (self.regimes and not self.regimes & set(bench.regimes)) or (bench.single and self.check == "L24"):
            return False
        if bench.scalar and self.check in OF_CELLS:
            return False
        return {"compounds": bench.compounds, "genes": bench.genes}.get(self.kind, True)


_CONTEXTS = frozenset(NEW_CONTEXT)
_GENES = frozenset({Regime.GEX, Regime.COMBINATION, Regime.AEX, Regime.MODALITY})
_COMPOUNDS = frozenset({Regime.DEX, Regime.AEX, Regime.MODALITY})
_UNSEEN = _GENES | _COMPOUNDS
_SHOWN = frozenset({Regime.RANDOM_CELLS, Regime.FEW_SHOT, Regime.DOSE, Regime.TIME})

KIN_QUESTION = (
    "Were salts and synonyms, close analogues, and compounds of the same target kept on one side of the split, and "
    "what is the score by similarity to training?"
)
DOSES_QUESTION = "Is any test drug trained in the same context at another dose, and what is the score without these?"
PLATES_QUESTION = "Are replicates of test conditions on other plates in training or validation?"
CONTROLS_QUESTION = "Are the control cells that the truth is measured against held back from training and from inputs?"
ABLATION_QUESTION = "What does the model score when the perturbation's identity is shuffled among the test conditions?"
CONTEXT_ABLATION_QUESTION = "What does the model score when the context is exchanged for another?"
INPUTS_QUESTION = "What does the model read of a condition it is asked for: numbers of cells, depth, batch?"

ASKED: tuple[Asked, ...] = (
    Asked("L21", CORPORA_QUESTION, "what is called unseen may have been seen in pretraining"),
    Asked("L24", ABLATION_QUESTION, "models were found that score the same without it"),
    Asked("L29", f"{SELECTION_QUESTION} {LOOKS_QUESTION}", "the best of many looks at the test set is flattered"),
    Asked(
        "L05", DOSES_QUESTION, "another dose of the same drug answers for it", frozenset({Regime.FEW_SHOT}), "compounds"
    ),
    Asked("L06", KIN_QUESTION, "the same compound under another name is no unseen compound", _COMPOUNDS, "compounds"),
    Asked("L07", KIN_QUESTION, "near copies of a structure are no unseen chemistry", _COMPOUNDS, "compounds"),
    Asked("L08", KIN_QUESTION, "a mechanism that was trained is no new biology", _COMPOUNDS, "compounds"),
    Asked("L09", GENES_QUESTION, "a partner in one complex answers for an unseen gene", _GENES, "genes"),
    Asked("L10", CONTEXTS_QUESTION, "a sibling line or donor is no unseen context", _CONTEXTS),
    Asked("L24c", CONTEXT_ABLATION_QUESTION, "a model that ignores the context predicts no context", _CONTEXTS),
    Asked("L31", PRIORS_QUESTION, "features made of the same kind of screen hold the answer"),
    Asked("L32", GRAPH_QUESTION, "a graph that knows the benchmark knows what is asked for", _UNSEEN),
    Asked("L15", CONTROLS_QUESTION, "shared control noise alone correlates predictions with the truth"),
    Asked("L17m", LIST_QUESTION, "genes chosen on test cells have seen the answer"),
    Asked("L19m", FILTERS_QUESTION, "leaving weak conditions out raises the score and changes what it is of"),
    Asked("L14", PLATES_QUESTION, "a replicate plate answers for its twin", _SHOWN),
    Asked("L20m", INPUTS_QUESTION, "numbers of cells tell how strong a perturbation is"),
)
"""In the order in which answers matter."""


def asked_of(benches: Iterable[Benched]) -> tuple[Asked, ...]:
    """Checks that matter for any of the benchmarks."""
    known = tuple(benches)
    return tuple(a for a in ASKED if any(a.applies(b) for b in known))
