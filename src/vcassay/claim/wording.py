"""Wording: what a result under each regime supports and does not support, with reason and numbers."""

from __future__ import annotations

from typing import NamedTuple

from vcassay.core import Regime


class Facts(NamedTuple):
    """Numbers that the sentences carry; ``None`` where a published protocol does not state one.

    Attributes
    ----------
    n_test, n_contexts_train, n_contexts_test, n_perturbations
        Test conditions, contexts with perturbed training conditions, test contexts, distinct test perturbations.
    paired
        Share of the test conditions whose treatment is trained in another context.
    shots, shots_share
        Median number of perturbations shown in a test context, and their share of those measured there.
    contexts
        Names of the test contexts.
    shots_range, shots_conditions
        Least and most shots of a context; share of a context's conditions (doses, times) that are shown.
    kind
        What tells a stratum from others of its regime (`vcassay.claim.strata`).
    n_combinations, compounds
        Test perturbations that are combinations; share of the test conditions that are compounds.
    genes
        Whether what is no compound is known to be genes.
    doses
        Number of doses among the test conditions.
    shots_val
        Perturbations of a test context that are shown for validation alone.
    modality, modality_train
        Kinds of perturbation in test and training, where they are stated.
    compared
        What perturbations were compared by to find kin; empty where only their names were.
    compared_share
        Share of the perturbations of which more than the name was compared.
    many_conditions
        Whether perturbations have several doses or times, so that conditions are more than perturbations.
    unit
        What is counted.
    controls
        Whether there are control rows; ready-made effects have none.
    """

    n_test: int | None
    n_contexts_train: int | None
    n_contexts_test: int | None
    n_perturbations: int | None
    paired: float | None
    shots: float | None
    shots_share: float | None
    contexts: str
    shots_range: tuple[int, int] | None = None
    shots_conditions: float | None = None
    kind: str = ""
    n_combinations: int | None = None
    compounds: float | None = None
    modality: str = ""
    modality_train: str = ""
    compared: str = ""
    compared_share: float = 1.0
    many_conditions: bool = False
    genes: bool | None = True
    doses: int | None = None
    shots_val: int = 0
    unit: str = "perturbation"
    controls: bool = True


class Sentence(NamedTuple):
    """A sentence and why it holds."""

    sentence: str
    reason: str


def plural(n: int | None, noun: str) -> str:
    """Write a number and its noun; the noun alone where the number is not known."""
    if n is None:
        return f"{noun}s"
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _same(f: Facts) -> str:
    return "the same context" if f.n_contexts_test == 1 else f"the same {plural(f.n_contexts_test, 'context')}"


def _shots(f: Facts) -> str:
    """How much of a test context was shown, as far as it is known."""
    share = "" if f.shots_share is None else f"{f.shots_share:.0%}"
    if f.shots is None:
        return f"about {share} of the {f.unit}s" if share else f"some {f.unit}s"
    median = "a median of " if f.shots_range is not None and f.shots_range[0] < f.shots_range[1] else ""
    more = [share] if share else []
    if median and f.shots_range is not None:
        more.append(f"{f.shots_range[0]:,} to {f.shots_range[1]:,} by context")
    if f.many_conditions and f.shots_conditions is not None:
        more.append(f"{f.shots_conditions:.0%} of the conditions")
    if f.shots_val:
        more.append(f"{f.shots_val:,} more for validation")
    return f"{median}k = {f.shots:,.10g} {f.unit}{'' if f.shots == 1 else 's'}" + (
        f" ({'; '.join(more)})" if more else ""
    )


def _sibling_dose(f: Facts) -> str:
    return f", these {f.unit}s among them at another dose or time" if f.kind == "other dose shown" else ""


def _at_other(f: Facts) -> str:
    """Where the perturbation is known elsewhere, but not at this dose or time."""
    word = next((k.removeprefix("other ") for k in f.kind.split("; ") if k in ("other dose", "other time")), "")
    return f" at a {word} that was not trained" if word else ""


def _paired(f: Facts) -> str:
    if f.paired is None:
        return "the test treatments were trained in other contexts"
    return f"{f.paired:.0%} of the test treatments were trained in other contexts"


def _named(f: Facts) -> str:
    return f" ({f.contexts})" if f.contexts else ""


def agent(f: Facts) -> str:
    """What the field calls a perturbation that is added to cells."""
    return "cytokine" if "cytokine" in f.modality else "compound"


def _new_contexts(f: Facts) -> str:
    """Contexts under CEX and AEX, and what is known of them."""
    if "sibling" in f.kind:
        whose = "whose sibling was trained" if f.n_contexts_test == 1 else "whose siblings were trained"
        return f"{plural(f.n_contexts_test, 'context')}{_named(f)} {whose}"
    known = "only control cells are" if f.controls else "nothing measured is"
    return f"{plural(f.n_contexts_test, 'context')}{_named(f)} of which {known} known"


def _from_controls(f: Facts) -> str:
    """What is known of an unseen context."""
    return ", from control cells alone" if f.controls else ""


def _parts(f: Facts) -> tuple[str, str]:
    """How much is known of the parts of combinations, to follow their count; and the reason."""
    seen = next((k for k in f.kind.split("; ") if k.endswith("parts seen")), "")
    if not seen:
        return "that were not measured together", "the combinations are new; their parts may have been seen"
    known, _, total, *_ = seen.split()
    if known == total:
        what = "that were not measured together, of parts that were all trained"
        return what, "the combinations are new; every part was trained, alone or in company"
    if known == "0":
        return "of parts that were never trained", "neither the combinations nor their parts were ever perturbed"
    return f"each with {known} of {total} parts trained", "the combinations are new, and the other parts as well"


def supports(regime: Regime, f: Facts) -> list[Sentence]:
    """What a strong result would support."""
    contexts, perts = plural(f.n_contexts_test, "context"), plural(f.n_perturbations, f.unit)
    trained = plural(f.n_contexts_train, "context")
    match regime:
        case Regime.RANDOM_CELLS:
            return [
                Sentence(
                    f"The model reproduces effects it was trained on, for {perts} in {contexts}"
                    f"{', in batches that it was not trained on' if f.kind == 'unseen batch' else ''}.",
                    "every scored condition has training cells: only the cells"
                    f"{' and their batches' if f.kind == 'unseen batch' else ''} are new",
                )
            ]
        case Regime.DOSE | Regime.TIME:
            what = "dose" if regime is Regime.DOSE else "time"
            doing, where = {
                "interpolation": ("Interpolating", f"at {what}s between two that were trained"),
                "extrapolation": ("Extrapolating", f"at {what}s outside those that were trained"),
            }.get(f.kind, ("Interpolating or extrapolating", f"at other {what}s"))
            reason = f"the same {f.unit} was trained in the same context at another {what}"
            return [Sentence(f"{doing} {what} for {perts} measured in {_same(f)}, {where}.", reason)]
        case Regime.FEW_SHOT:
            return [
                Sentence(
                    f"Few-shot screening: filling in {perts}{_at_other(f)} in {contexts}{_named(f)} where others were "
                    "already measured.",
                    f"in each test context {_shots(f)} {'is' if f.shots == 1 else 'are'} training{_sibling_dose(f)}",
                )
            ]
        case Regime.COMBINATION:
            if f.kind == "seen in combinations":
                sentence = f"Predicting {perts} on their own that were trained in combinations only."
                return [Sentence(sentence, "no test perturbation was trained alone, each was trained in company")]
            what, reason = _parts(f)
            return [Sentence(f"Predicting {plural(f.n_perturbations, 'combination')} {what}.", reason)]
        case Regime.GEX:
            each = "it has a relative" if f.n_perturbations == 1 else "each has a relative"
            kin = f"; {each} that was trained" if f.kind == "analogue" else ""
            never = "of genes never perturbed in training" if f.genes else "never seen in training"
            unknown = "" if f.genes else "; whether these are genes or compounds is not stated"
            return [
                Sentence(
                    f"Predicting {perts} {never}, inside {_same(f)}{_named(f)}{kin}.",
                    f"the {'genes' if f.genes else 'perturbations'} are new, the contexts are not{unknown}",
                ),
                Sentence(
                    "A diagnostic: whether the model represents such perturbations at all.",
                    "in deployment the context is new, not the gene" if f.genes else "the contexts are known",
                ),
            ]
        case Regime.DEX:
            unseen = f"no dose of a test {agent(f)} was trained in any context"
            kin, reason = " with no training data", f"{unseen}, by name"
            if f.kind == "analogue":
                kin, reason = " of which a relative was trained", f"{unseen}, but kin of it was, by {f.compared}"
            elif f.compared:
                reason = f"{unseen}, nor was kin of it, by {f.compared}"
            sentence = f"Predicting {plural(f.n_perturbations, agent(f))}{kin}, inside {_same(f)}{_named(f)}."
            return [Sentence(sentence, reason)]
        case Regime.MODALITY:
            return [
                Sentence(
                    f"Predicting {perts} by {f.modality or 'another modality'} in {contexts}{_named(f)} in which only "
                    f"{f.modality_train or 'other modalities'} was trained.",
                    "no perturbation of this modality is in training, in any context",
                )
            ]
        case Regime.CEX:
            acts = "acts" if f.n_perturbations == 1 else "act"
            new = f"Predicting how {perts}{_at_other(f)} {acts} in {_new_contexts(f)}."
            paired = "the perturbations were trained elsewhere at other doses or times" if _at_other(f) else _paired(f)
            out = [Sentence(new, f"no perturbed condition of a test context is in training; {paired}")]
            if f.n_contexts_train != 1:
                across = ", including one that was never perturbed" if "sibling" not in f.kind else ""
                known = (
                    f"{trained} in training, {contexts} held out" if f.n_contexts_train else "whole contexts held out"
                )
                reason = f"{known}; if it is differences between contexts that are scored"
                out.append(Sentence(f"Comparing one perturbation across contexts{across} (selectivity).", reason))
            return out
        case Regime.AEX:
            known, reason = " never seen anywhere", "context and perturbation are both new"
            if "analogue" in f.kind:
                known, reason = " of which a relative was trained", "context and perturbation are new; kin is not"
            elif "other modality" in f.kind:
                known = f" by {f.modality or 'a kind of perturbation'} that were trained by another kind alone"
                reason = "the context is new; the names are known, this kind of perturbing them is not"
            elif "seen in combinations" in f.kind:
                known, reason = " on their own that were trained in combinations only", "the context is new"
            elif f.kind.endswith("parts seen"):
                perts, known = plural(f.n_perturbations, "combination"), f" {_parts(f)[0]}"
            return [Sentence(f"Predicting {perts}{known}, in {_new_contexts(f)}.", reason)]


_KIND_UNKNOWN = Sentence(
    "Anything of genes or of compounds in particular.", "which of the two these are is not stated ([data] modality)"
)


def does_not_support(regime: Regime, f: Facts) -> list[Sentence]:
    """What the best possible score would not support."""
    known_contexts = "every test context was trained on"
    match regime:
        case Regime.RANDOM_CELLS:
            new = "Any generalisation: to new genes, compounds, doses or contexts."
            return [Sentence(new, "all of them were trained on")]
        case Regime.DOSE | Regime.TIME:
            out = [Sentence("New perturbations or new contexts.", "both were trained on")]
            if f.kind == "interpolation":
                what = "Doses" if regime is Regime.DOSE else "Times"
                out.append(Sentence(f"{what} beyond those trained.", "only what lies between trained ones is scored"))
            return out
        case Regime.FEW_SHOT:
            return [
                Sentence(
                    "A context in which nothing was measured (CEX).", "every test context has training perturbations"
                ),
                Sentence("Perturbations never measured anywhere.", "all were trained in some context"),
            ]
        case Regime.COMBINATION:
            out = [Sentence("New contexts.", known_contexts)]
            known = f.kind.split(" parts")[0].split(" of ")
            if len(known) == 2 and known[0] == known[1]:
                out.append(Sentence("Combinations with a part that was never perturbed.", "every part was trained"))
                out.append(Sentence("Interactions between parts.", "unless it is better than adding their effects"))
            return out
        case Regime.GEX:
            few = "Compounds, doses and combinations." if not f.n_combinations else "Compounds and doses."
            return [
                Sentence("New cell contexts, and selectivity across contexts.", known_contexts),
                Sentence("Target identification on its own.", "targets are wanted in new disease contexts"),
                Sentence(few, "none is in these test conditions") if f.genes else _KIND_UNKNOWN,
                _relatives("Genes unlike anything trained.", f, "paralogs, complexes or networks"),
            ]
        case Regime.DEX:
            return [
                Sentence("New cell contexts.", known_contexts),
                _relatives("New chemistry or new mechanisms.", f, "structures or targets"),
            ]
        case Regime.MODALITY:
            alike = "which of them act on what was trained decides; see the scope"
            return [Sentence("New cell contexts.", known_contexts), Sentence("New targets or mechanisms.", alike)]
        case Regime.CEX:
            what = "all were trained in other contexts" + (", at other doses or times" if _at_other(f) else "")
            return [Sentence("Perturbations never measured anywhere (GEX, DEX).", what), *_unlike(f)]
        case Regime.AEX:
            return [Sentence("Perturbations unlike those held out.", "only these were scored"), *_unlike(f)]


def _relatives(head: str, f: Facts, means: str) -> Sentence:
    """What is not shown about kin of what was trained."""
    if f.kind == "analogue":
        return Sentence(head, f"of each a relative was trained, by {f.compared}")
    if "mechanisms of" in f.compared:
        return Sentence("Compounds of which neither structure nor target is known.", f"kin was sought by {f.compared}")
    if f.compared:
        return Sentence(head, f"kin was sought by {f.compared} alone")
    return Sentence(head, f"held out by name: no {means} were compared, and relatives may be in training")


def _unlike(f: Facts) -> list[Sentence]:
    out = [Sentence("Contexts unlike those held out.", "only these were scored")]
    if "sibling" in f.kind:
        out.append(Sentence("A context without a sibling in training.", "of each test context a sibling was trained"))
    return out


def _relative(f: Facts) -> str:
    """That kin was trained, to follow the perturbations."""
    if "analogue" not in f.kind:
        return ""
    return " with a trained relative" if f.n_perturbations == 1 else ", each with a trained relative,"


def claim_sentence(regime: Regime, f: Facts) -> str:
    """The claim in one clause that completes 'the model predicts ...'."""
    perts, contexts = plural(f.n_perturbations, f.unit), plural(f.n_contexts_test, "context")
    known = f"in {contexts} that it was trained on"
    unseen = "an unseen context" if f.n_contexts_test == 1 else plural(f.n_contexts_test, "unseen context")
    if "sibling" in f.kind:
        unseen = f"{contexts} that it knows by {'a sibling' if f.n_contexts_test == 1 else 'siblings'}"
    match regime:
        case Regime.RANDOM_CELLS:
            batches = " of other batches" if f.kind == "unseen batch" else ""
            return f"the effects of {perts} {known}, from other cells{batches}"
        case Regime.DOSE | Regime.TIME:
            what = "doses" if regime is Regime.DOSE else "times"
            which = {
                "interpolation": f"{what} between trained ones",
                "extrapolation": f"{what} outside the trained ones",
            }.get(f.kind, f"unseen {what}")
            return f"{which} of {perts} {known}"
        case Regime.FEW_SHOT:
            also = ", these among them at another dose or time" if f.kind == "other dose shown" else ""
            return (
                f"the effects of {perts}{_at_other(f)} in {contexts}{_named(f)} in which it was shown {_shots(f)}{also}"
            )
        case Regime.COMBINATION:
            if f.kind == "seen in combinations":
                return f"the effects of {perts} alone that it saw in combinations only, {known}"
            of = "" if not f.kind else f" ({f.kind})"
            return f"{plural(f.n_perturbations, 'unseen combination')}{of} {known}"
        case Regime.GEX:
            noun = "unseen gene" if f.genes else f"unseen {f.unit}"
            return f"the effects of {plural(f.n_perturbations, noun)}{_relative(f)} {known}"
        case Regime.DEX:
            return f"the effects of {plural(f.n_perturbations, f'unseen {agent(f)}')}{_relative(f)} {known}"
        case Regime.MODALITY:
            how = f" by {f.modality}" if f.modality else " of an unseen kind"
            return f"the effects of {perts}{how} {known} with other kinds of perturbation"
        case Regime.CEX:
            return f"the effects of {perts}{_at_other(f)} in {unseen}{_from_controls(f)}"
        case Regime.AEX:
            kin = _relative(f)
            if "other modality" in f.kind:
                kin = f" by {f.modality or 'a new kind of perturbation'}, trained by another kind alone,"
            what = plural(f.n_perturbations, f"unseen {f.unit}")
            if f.kind.endswith("parts seen"):
                what = f"{plural(f.n_perturbations, 'unseen combination')} ({f.kind.rsplit('; ', 1)[-1]})"
            return f"the effects of {what}{kin} in {unseen}{_from_controls(f)}"
