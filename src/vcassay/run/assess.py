"""Assess: both stages, from a study to a directory."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.tiles import one_blas_thread
from vcassay.claim import Claim, Split
from vcassay.core import InputError, Status
from vcassay.core.plugins import load_installed
from vcassay.core.progress import default_progress
from vcassay.core.provenance import file_sha256, versions
from vcassay.effects import Effects, Moments, measure
from vcassay.effects.classes import reliability_classes
from vcassay.effects.scored import scored_genes
from vcassay.evidence.baselines import Rung, Task, make_task, make_template
from vcassay.evidence.baselines.prior import gene_names
from vcassay.prediction import Answer, Prediction, match_prediction
from vcassay.record import AssessmentRecord, AssessmentWriter, FeatureRecord, ThresholdRecord
from vcassay.record.assessment import ManifestRecord
from vcassay.run.cache import Cache, sweep
from vcassay.run.crossed import cross
from vcassay.run.describe import describe_screen
from vcassay.run.disclosures import disclosure_files
from vcassay.run.genes import genes_table
from vcassay.run.genetic import NO_GENETIC, Genetic, has_both, learn_without
from vcassay.run.inputs import find_target_sum, load_predictions, load_screen
from vcassay.run.knowledge import embedded, feature_records
from vcassay.run.ladder import run_ladder
from vcassay.run.ledger import Look, append_looks, test_set_id
from vcassay.run.moments import pass_over
from vcassay.run.resolved import resolved_study
from vcassay.run.scoring import Settings
from vcassay.run.stage1 import find_stage1
from vcassay.run.stage2 import Stage2, gather
from vcassay.run.study import Study, naming, read_study
from vcassay.run.submissions import check_names, find_submissions, model_record, wanted_rungs
from vcassay.run.tables import conditions_table, scores_table
from vcassay.run.thresholds import every_threshold
from vcassay.run.wanted import find_wanted
from vcassay.screen import Screen
from vcassay.verdict import judge

Progress = Callable[[str, int, int], None]


def assess(
    study: str | Path | Study,
    out: str | Path,
    *,
    folder: Path | None = None,
    quick: bool = False,
    cached: bool = True,
    progress: Progress | None = None,
    command: str = "",
    scheduler: str | None = None,
) -> AssessmentRecord:
    """Assess the models of a study and write the directory.

    Parameters
    ----------
    study
        study.toml, or a `Study` whose relative paths start from ``folder``.
    out
        The assessment directory.
    quick
        Leave out what takes long; the record says so.
    cached
        Keep long steps in ``out/cache`` and reuse them when nothing they depend on changed.
    progress
        Called with the step, the units done and the units in all (0 if unknown); a bar in a notebook when ``None``.
    command
        What the user typed, for the manifest.
    scheduler
        Address of a scheduler of dask.distributed whose workers walk over the screen; threads if ``None``.

    Returns
    -------
    The record, as written to assessment.json.

    Raises
    ------
    InputError
        If a file, column or value of the study is wrong, or ``out`` cannot be written.
    """
    load_installed()
    source = None if isinstance(study, Study) else Path(study)
    if isinstance(study, Study):
        base = folder or Path()
    else:
        study, base = read_study(study)
    run = _Run(study, base, Path(out), source, quick=quick, cached=cached, progress=progress, scheduler=scheduler)
    with naming(source), one_blas_thread():  # sums in one order: the same bits on any number of threads
        record = run.execute()
    run.store(record, command)
    return record


class _Run:
    """One assessment under way: the steps in order, each timed."""

    def __init__(
        self,
        study: Study,
        base: Path,
        out: Path,
        source: Path | None,
        *,
        quick: bool,
        cached: bool,
        progress: Progress | None,
        scheduler: str | None = None,
    ) -> None:
        self.study, self.base, self.out, self.source, self.quick = study, base, out, source, quick
        try:
            self.writer = AssessmentWriter(out)
            sweep(out)
        except OSError as error:
            what = f"cannot be made a directory ({(error.strerror or str(error)).lower()})"
            raise InputError(what, where=str(out), mend="name another directory for the assessment") from error
        self.cache = Cache(out / "cache" if cached else None)
        self.scheduler = scheduler
        self.report = progress or default_progress()
        self.seconds: dict[str, float] = {}
        self.started = time.perf_counter()
        self.inputs: dict[str, str] = {}

    def step(self, name: str) -> None:
        """Close the last step's clock and announce the next."""
        now = time.perf_counter()
        if self.seconds:
            last = next(reversed(self.seconds))
            self.seconds[last] = round(now - self.started, 3)
        self.started = now
        self.seconds[name] = 0.0
        self.report(name, 0, 0)

    def execute(self) -> AssessmentRecord:
        """Run every step and return the judged record."""
        study = self.study
        check_names(study)
        self.step("reading the screen")
        with load_screen(study, self.base) as screen:
            return self._execute(screen)

    def _execute(self, screen: Screen) -> AssessmentRecord:
        study = self.study
        self.design = screen.design
        self.step("reading predictions")
        predictions = load_predictions(study, self.base, screen.design)
        stage1 = find_stage1(study, self.base, screen, predictions)
        screen, split, knowledge = stage1.screen, stage1.split, stage1.knowledge
        wanted = find_wanted(study, self.base, screen.genes, knowledge, self.step)
        depth, depth_from = find_target_sum(study, predictions)
        self._hash_inputs(screen)
        self.step("measuring effects")
        moments = pass_over(
            screen,
            self.cache,
            self._screen_key(screen),
            seed=study.seed,
            target_sum=depth,
            progress=lambda done, total: self.report("measuring effects", done, total),
            scheduler=self.scheduler,
        )
        effects, full_mask, matched = self._measure(screen, split, moments, predictions)
        claim = stage1.claim(effects, _pretraining(predictions), self._looks(split, predictions))
        classes = reliability_classes(effects, split.train)
        self.step("measuring across batches")
        crossed = cross(
            screen,
            effects,
            self.cache,
            self._screen_key(screen),
            seed=study.seed,
            quick=self.quick,
            scheduler=self.scheduler,
            progress=lambda done, total: self.report("measuring across batches", done, total),
        )
        if (knowledge.gene_sets or knowledge.relations) and gene_names(effects.conditions):
            self.step("embedding gene sets and networks")
            knowledge = embedded(knowledge, self.cache)
        self.step("running the ladder")
        task = make_task(effects, claim, knowledge, study.seed)
        rungs = run_ladder(
            task,
            claim,
            self.cache,
            quick=self.quick,
            progress=lambda done, total: self.report("running the ladder", done, total),
            template=make_template(screen, effects, split, task),
            also=wanted_rungs(study),
        )
        submissions = find_submissions(study, matched, rungs)
        genetic = self._genetic(task, claim, rungs)
        self.step("scoring")
        stage2 = gather(
            screen,
            effects,
            claim,
            knowledge,
            submissions,
            rungs,
            full_mask,
            Settings(study.seed, study.evidence.draws, study.evidence.equivalence, self.quick, wanted),
            progress=self.step,
            classes=classes,
            crossed=crossed,
            genetic=genetic,
        )
        self.step("judging")
        known = feature_records(task.coverage, study.claim.public_since)
        record = self._record(screen, effects, claim, stage2, submissions, depth_from, known)
        found = stage2.scoring
        scores = scores_table(found.scores, effects, claim, list(found.references), found.roles)
        family = found.scores.panel.family
        self.tables = {
            "conditions": conditions_table(effects, claim, classes, stage2.degrees, family),
            "scores": scores,
            "genes": genes_table(effects, claim, submissions),
        }
        return judge(record)

    def _genetic(self, task: Task, claim: Claim, rungs: list[Rung]) -> Genetic:
        """Answers of the ladder learnt without genetic perturbations, where compounds are tested."""
        if not has_both(task):
            return NO_GENETIC
        name = "learning without genes"
        self.step(name)
        return learn_without(
            task, claim, self.cache, rungs, quick=self.quick, progress=lambda d, n: self.report(name, d, n)
        )

    def _screen_key(self, screen: Screen) -> dict[str, Any]:
        """What the sums over a screen's rows depend on."""
        design = {k: dict(v) if k == "annotation" else v for k, v in asdict(screen.design).items()}
        files = [self.inputs[_complete(path)] for path in screen.files]
        key = {
            "file": files[0] if len(files) == 1 else files,
            "design": design,
            "dropped": list(self.study.data.drop_contexts),
        }
        if screen.held_out is not None:
            key["held out"] = hashlib.sha256(np.packbits(screen.held_out).tobytes()).hexdigest()
        return key

    def _measure(
        self,
        screen: Screen,
        split: Split,
        moments: Moments,
        predictions: dict[str, Prediction],
    ) -> tuple[Effects, NDArray[np.bool_], dict[str, Answer]]:
        """Measure on the scored genes that every submission predicts."""
        common: dict[str, Any] = {
            "train": split.train,
            "panel": split.test if len(split.test) else None,
            "test_shards": split.test_shards,
            "seed": self.study.seed,
            "moments": moments,
        }
        keep = self.study.data.keep_targets
        effects = measure(screen, keep_targets=keep, **common)
        if not effects.mask.any():
            mend = "check the matrix, or the layer that [data] names"
            raise InputError(f"no gene can be scored ({effects.mask_rule})", where=str(screen.path), mend=mend)
        matched = {name: match_prediction(p, effects, split.test) for name, p in predictions.items()}
        every = [a for own in matched.values() for a in (own, *own.seeds)]
        shared = np.all([a.genes for a in every], axis=0) if every else np.ones(len(effects.genes), bool)
        if not shared[effects.mask.any(axis=0)].all():
            effects = measure(screen, keep_targets=keep, genes=shared, **common)
        full, _ = scored_genes(moments, screen.conditions, screen.genes, train=split.train, targets=True)
        return effects, np.asarray(full & shared), matched

    def _looks(self, split: Split, predictions: dict[str, Prediction]) -> int | None:
        """Enter this look in the ledger, if the study keeps one; return how many files were scored in all."""
        if self.study.split.ledger is None:
            return None
        path = self.base / self.study.split.ledger
        test = test_set_id(split)
        looks = [
            Look("assess", name, self.inputs[_complete(p.path)], test)
            for name, own in predictions.items()
            for p in (own, *own.seeds)
            if p.path is not None
        ]
        return append_looks(path, looks).looks_at(test)

    def _record(
        self,
        screen: Screen,
        effects: Effects,
        claim: Claim,
        stage2: Stage2,
        submissions: dict[str, Answer],
        depth_from: str,
        known: tuple[FeatureRecord, ...],
    ) -> AssessmentRecord:
        require: dict[str, Any] = {}
        if self.study.evidence.difference is not None:
            require["difference"] = self.study.evidence.difference
        if self.study.require.level is not None:
            require["level"] = self.study.require.level.value
        found = stage2.scoring
        return AssessmentRecord(
            study=self.study.name or screen.name,
            quick=self.quick,
            complete=not any(f.status == Status.ERROR for f in stage2.findings),
            screen=describe_screen(screen, effects, claim, depth_from, found.reach.crossed),
            claim=claim.record(),
            findings=stage2.findings,
            baselines=stage2.baselines,
            features=known,
            metrics=found.metrics,
            ceilings=found.reach.records,
            scores=found.aggregates,
            calibration=found.calibration,
            uncalibrated=found.uncalibrated,
            comparisons=found.comparisons,
            skills=found.skills,
            scaled=found.scaled,
            clean=stage2.clean,
            matched=found.matched,
            unmatched=found.unmatched,
            ranks=found.ranks,
            seeds=found.seeds,
            resampled=found.scores.panel.resampled,
            draws=self.study.evidence.draws,
            models=tuple(model_record(a) for a in submissions.values()),
            thresholds=tuple(ThresholdRecord(name=t.name, value=t.value, source=t.source) for t in every_threshold()),
            domain_share=found.domain_share,
            template=found.template,
            inflation=found.reach.inflation,
            require=require,
            utilities=found.utilities,
        )

    def _hash_inputs(self, screen: Screen) -> None:
        section = self.study
        files = [*([self.source] if self.source else []), *screen.files]
        split = section.split
        files += [self.base / f for f in (split.file, split.train_list, split.val_list, split.test_list) if f]
        files += [self.base / f for f in section.knowledge.files()]
        files += [self.base / section.utility.signature.path] if section.utility.signature else []
        for model in section.model:
            files += [self.base / f for f in model.files]
            files += disclosure_files(model, self.base)
        self.inputs = {name: file_sha256(Path(name)) for name in dict.fromkeys(map(_complete, files))}

    def store(self, record: AssessmentRecord, command: str) -> None:
        """Write the directory; the manifest comes last and names every file's hash."""
        self.step("writing")
        (self.out / "manifest.json").unlink(missing_ok=True)  # until all is written, nothing vouches for it
        files = [self.writer.table(f"{name}.parquet", table) for name, table in self.tables.items()]
        files.append(self.writer.json("assessment.json", record))
        if not self._lies_in_out():
            text = resolved_study(self.study, self.base, self.design)
            files.append(self.writer.text("study.toml", text))
        manifest = ManifestRecord(
            command=command,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            seed=self.study.seed,
            versions=versions(),
            inputs=self.inputs,
            outputs={file.name: file_sha256(file) for file in files},
            seconds=self.seconds,
        )
        self.writer.json("manifest.json", manifest)

    def _lies_in_out(self) -> bool:
        """Whether the directory's study.toml is the one that the user wrote."""
        return self.source is not None and self.source.resolve() == (self.out / "study.toml").resolve()


def _pretraining(predictions: dict[str, Prediction]) -> str:
    """Whether any model was pretrained, as they declare."""
    known = {p.disclosure.pretrained for p in predictions.values()}
    return next((word for word in ("unknown", "yes") if word in known), "no")


def _complete(path: Path | None) -> str:
    return "" if path is None else str(path.resolve())
