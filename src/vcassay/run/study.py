"""Study: what study.toml says, checked."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from vcassay.claim import MAKERS, USES
from vcassay.core import InputError, Level, Regime
from vcassay.core.errors import did_you_mean
from vcassay.prediction import Disclosure
from vcassay.record.disclosure import ENTRIES, Texts
from vcassay.run import problems
from vcassay.run.problems import OWN_TABLE
from vcassay.run.resources import OWN_KEYS, KnowledgeSection, OneResource, ResourceSection, Section
from vcassay.run.toml_file import read_toml

Given = Annotated[
    Annotated[Disclosure, Tag(OWN_TABLE)] | Annotated[str, Tag("file")],
    Discriminator(lambda value: "file" if isinstance(value, str) else OWN_TABLE),
]
"""A disclosure, or the file that holds it: told apart before they are checked, so that errors name one of them."""

Ablation = Literal[
    "shuffled_perturbation",
    "swapped_perturbation",
    "zeroed_perturbation",
    "shuffled_context",
    "swapped_context",
    "zeroed_context",
    "shuffled_dose",
    "zeroed_dose",
    "without_genetic",
]
"""What is disturbed in a model's input, or missing from its training: `vcassay.prediction.exchange.KINDS`, `RETRAINED`.
"""


class ClaimSection(Section):
    """What the authors say, and what the result is wanted for."""

    text: str = ""
    """The claim in the authors' words."""
    use: str = ""
    """target-id, selectivity, screening, unseen-compound, moa, combination or dose-finding."""
    expect: Regime | None = None
    """The regime the authors state; checked against the tables."""
    cover: float | None = Field(default=None, gt=0, le=1)
    """Share of the test conditions that the claim must cover; 0.95 by default."""
    truth: Literal["public", "private", "unknown"] = "unknown"
    """Whether the held-out truth is public."""
    public_since: datetime.date | None = None
    """Day since which it is."""


class DataSection(Section):
    """The measured screen and its columns; what is left out is guessed and printed."""

    screen: str | tuple[str, ...]
    """A file, a folder or a pattern; several files are read as one screen."""
    name: str = ""
    accessions: Texts = ()
    """Under what the screen is deposited, and what it is usually called: compared with pretraining corpora."""
    rows: Literal["cells", "replicates", "effects"] | None = None
    readout: Literal["counts", "lognorm", "continuous", "scalar"] | None = None
    layer: str | None = None
    genes: str | None = None
    """var column with the names of genes; var_names where there is none."""
    perturbation: str | None = None
    control: Texts | None = None
    context: str | None = None
    context_name: str | None = None
    batch: str | None = None
    dose: str | None = None
    dose_unit: str | None = None
    time: str | None = None
    time_unit: str | None = None
    modality: str | None = None
    delimiter: str | None = None
    annotation: dict[str, str] | None = None
    drop_contexts: Texts = ()
    backed: bool = False
    target_sum: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Depth of a count profile; found out from the predictions when not stated."""
    keep_targets: bool = False
    """Score the panel's target genes too."""


class SplitSection(Section):
    """Where the roles come from: a file, an obs column, a maker, a published protocol, or the predictions."""

    file: str | None = None
    """A manifest, or another tool's split (cell-load TOML, GEARS JSON, PerturBench CSV, a table of roles)."""
    obs: str | None = None
    """An obs column of the screen that holds the roles."""
    train_list: str | None = None
    val_list: str | None = None
    test_list: str | None = None
    """Plain lists, one perturbation a line."""
    make: str | None = None
    protocol: str | None = None
    """A published protocol by name, drawn on this screen by its rule."""
    predicted: bool = False
    """Predicted conditions are test, the rest is assumed training."""
    train_words: Texts = ()
    val_words: Texts = ()
    test_words: Texts = ()
    """Words of the source that mean train, val and test, where they are not plain."""
    fraction: float | None = Field(default=None, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
    contexts: Texts = ()
    shots: float | None = Field(default=None, gt=0)
    """Few-shot: a number of perturbations, or a share below 1."""
    seen: int | None = Field(default=None, ge=0)
    """Combinations: how many parts are trained."""
    column: str | None = None
    """Group: an annotation of the conditions, ``batch``, ``scaffold``, ``family`` ..."""
    modality: str | None = None
    """Cross-modality: the kind of perturbation that is held out."""
    tier: Literal["name", "structure", "target"] | None = None
    """How far kin of compounds reaches; ``structure`` where structures are known."""
    kin: bool = True
    """Keep kin of perturbations and contexts together, where [knowledge] tells it."""
    folds: int | None = Field(default=None, ge=2)
    fold: int = Field(default=0, ge=0)
    validation: float | None = Field(default=None, gt=0, lt=1)
    """Share of the training set that becomes validation, drawn by the rule of the test set."""
    ledger: str | None = None
    """A file that counts the looks at this test set."""


class UtilitySection(Section):
    """What the predictions are for."""

    signature: OneResource | None = None
    """The change that is wanted: a table of genes and weights, or a GMT of a set to rise and one to fall."""
    k: int | None = Field(default=None, ge=1)
    """How many perturbations are followed up; a tenth by default."""


class EvidenceSection(Section):
    """How the evidence is judged."""

    difference: float | None = Field(default=None, gt=0, lt=1)
    """Share of the attainable gain that must be resolvable; a tenth by default."""
    draws: int = Field(default=2000, ge=200)
    equivalence: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Difference, in the unit of a metric, below which two answers count as not distinguishable; 0.02 by default."""
    baselines: Texts = ()
    """Opt-in baselines to run besides the ladder."""


class RequireSection(Section):
    """What the exit status answers."""

    level: Level | None = None
    """Exit 1 if a model's verdict is below this level."""


class ModelSection(Section):
    """One submission."""

    name: str = Field(min_length=1)
    predictions: str | None = None
    baseline: str | None = None
    """A rung of the ladder, submitted as if it were a model."""
    space: Literal["delta", "expression", "counts"] | None = None
    array: str | None = None
    context: str | None = None
    columns: dict[Literal["perturbation", "context", "dose", "time"], str] | None = None
    inputs: Texts | None = None
    """This and the next four are short forms of entries of the disclosure."""
    pretraining: Texts | None = None
    controls: Literal["training", "all", "none"] | None = None
    selection: str | None = None
    looks: int | None = Field(default=None, ge=0)
    disclosure: Given | None = None
    """What the model was given, in full: a table, or a TOML file of it."""
    ablations: dict[Ablation, str] = Field(default_factory=dict)
    seeds: Texts = ()
    """Predictions of the same model trained with other seeds: its score is the mean over all."""
    embeddings: str | None = None
    """Where the model places perturbations or conditions, a row each."""
    attributions: str | None = None
    """How much each gene counts for its answers, a row a perturbation or condition, or one for all."""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of numbers that it names."""
        given = (self.predictions, *self.seeds, *self.ablations.values(), self.embeddings, self.attributions)
        return tuple(file for file in given if file)


class Study(Section):
    """The one input of an assessment."""

    schema_: Literal["vcassay.study/1"] = Field(default="vcassay.study/1", alias="schema")
    name: str = ""
    seed: int = Field(default=0, ge=0)
    claim: ClaimSection = ClaimSection()
    data: DataSection
    split: SplitSection = SplitSection()
    knowledge: KnowledgeSection = KnowledgeSection()
    evidence: EvidenceSection = EvidenceSection()
    utility: UtilitySection = UtilitySection()
    require: RequireSection = RequireSection()
    model: tuple[ModelSection, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def read_study(path: str | Path) -> tuple[Study, Path]:
    """Read study.toml.

    ``${NAME}`` in a value is replaced by the environment variable.

    Returns
    -------
    The study, and the folder that its relative paths start from.

    Raises
    ------
    InputError
        If the file is missing, not TOML, or has an unknown or ill-typed key.
    """
    path = Path(path)
    data = read_toml(path, "write one with `vcassay init SCREEN [PREDICTIONS]`")
    return parse_study(_expand(data, str(path)), str(path)), path.parent


def parse_study(data: dict[str, Any], where: str) -> Study:
    """Check a study's keys and values.

    Raises
    ------
    InputError
        Names the first wrong key, with a suggestion.
    """
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise first_problem(error, where) from error
    names = [m.name for m in study.model]
    if len(set(names)) < len(names):
        raise InputError("names two models alike", where=f"{where}, [[model]] name", mend="give each its own name")
    for model in study.model:
        if (model.predictions is None) == (model.baseline is None):
            mend = "give either 'predictions' (a file) or 'baseline' (a rung of the ladder)"
            many = "no source" if model.baseline is None else "two sources"
            raise InputError(f"model '{model.name}' has {many}", where=f"{where}, [[model]]", mend=mend)
        files = [model.predictions, *model.seeds]
        if model.seeds and (model.predictions is None or len(set(files)) < len(files)):
            what = f"model '{model.name}' " + ("has seeds" if model.predictions is None else "names a seed twice")
            mend = "give 'predictions' of one seed, and under 'seeds' the files of the others"
            raise InputError(what, where=f"{where}, [[model]] seeds", mend=mend)
        for key in ("embeddings", "attributions"):
            if model.predictions is None and getattr(model, key) is not None:
                mend = "give its 'predictions', too"
                raise InputError(
                    f"model '{model.name}' has no predictions", where=f"{where}, [[model]] {key}", mend=mend
                )
    if study.claim.use and study.claim.use not in USES:
        mend = did_you_mean(study.claim.use, USES)
        raise InputError(f"no use is called '{study.claim.use}'", where=f"{where}, [claim] use", mend=mend)
    if study.split.make and study.split.make not in MAKERS:
        mend = did_you_mean(study.split.make, MAKERS)
        raise InputError(f"no split is called '{study.split.make}'", where=f"{where}, [split] make", mend=mend)
    if len(stated_sources(study.split)) > 1:
        mend = f"keep one of {', '.join(repr(s) for s in stated_sources(study.split))}"
        raise InputError("states the split more than once", where=f"{where}, [split]", mend=mend)
    return study


def stated_sources(split: SplitSection) -> list[str]:
    """Names of the keys by which a study says where its split comes from."""
    lists = split.train_list or split.val_list or split.test_list
    sources = {"file": split.file, "obs": split.obs, "test_list": lists, "make": split.make, "protocol": split.protocol}
    return [key for key, value in sources.items() if value is not None] + ["predicted"] * split.predicted


def first_problem(error: ValidationError, where: str, inside: tuple[str, ...] = ()) -> InputError:
    """The first problem that pydantic met in a study, or in a file that belongs ``inside`` of one."""
    return problems.first_problem(error, where, inside, keys=_keys, whole="study")


@contextmanager
def naming(source: Path | None) -> Iterator[None]:
    """Name the study's file in errors that speak of one of its sections alone."""
    try:
        yield
    except InputError as error:
        if source is None or not error.where.startswith("["):
            raise
        raise InputError(error.what, where=f"{source}, {error.where}", mend=error.mend) from error


def _keys(place: list[str]) -> list[str]:
    if "disclosure" in place:
        entry = next((p for p in reversed(place) if p in ENTRIES), None)
        return list(Disclosure.model_fields if entry is None else ENTRIES[entry].model_fields)
    sections: dict[str, type[BaseModel]] = {
        "claim": ClaimSection,
        "data": DataSection,
        "split": SplitSection,
        "knowledge": KnowledgeSection,
        "evidence": EvidenceSection,
        "utility": UtilitySection,
        "require": RequireSection,
        "model": ModelSection,
    }
    kind = next((sections[name] for name in reversed(place) if name in sections), Study)
    if kind in (KnowledgeSection, UtilitySection) and place[-1] not in sections:
        key = next(p for p in reversed(place) if not p.isdigit())
        kind = OWN_KEYS.get(key, ResourceSection)
    return [name.rstrip("_") for name in kind.model_fields]


def _expand(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return {k: _expand(v, where) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, where) for v in value]
    if not isinstance(value, str):
        return value
    for name in re.findall(r"\$\{(\w+)\}", value):
        if name not in os.environ:
            mend = f"set it: export {name}=..."
            raise InputError(f"needs the environment variable {name}", where=where, mend=mend)
        value = value.replace(f"${{{name}}}", os.environ[name])
    return value
