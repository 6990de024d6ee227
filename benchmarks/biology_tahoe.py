"""CPU seconds and memory of every biology diagnostic at the size of Tahoe-100M: 379 compounds x 3 doses x 50 contexts.

    python benchmarks/biology_tahoe.py [--drugs 379] [--contexts 50] [--genes 1000] [--guides 100] [--models 3]
        [--only NAME ...]

Effects of mechanism, structure, dose and context are planted on wells; half of the contexts are test. Compounds have
targets, mechanisms and structures, genes are silenced in every context, and models answer with the truth and noise.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import numpy as np

from vcassay.core import Conditions, Finding
from vcassay.core.registry import call
from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.knowledge import GeneSets, Knowledge, Relations, Resource
from vcassay.knowledge.programmes import NUISANCE, STRESS, programmes
from vcassay.simulate.chemistry import make_compounds
from vcassay.testing.planted import PlantedStudy, plant

DOSES = (0.05, 0.5, 5.0)
DRUGS_A_TARGET, MOST_TARGETS = 6, 60
PAIRS = 2_000
STRENGTH = {0.05: 0.2, 0.5: 0.6, 5.0: 1.0}


def study(drugs: int, contexts: int, genes: int, guides: int, seed: int = 0) -> PlantedStudy:
    """Plant it."""
    rng = np.random.default_rng(seed)
    known = [gene for kind in (STRESS, NUISANCE) for programme in programmes(kind) for gene in programme.genes]
    n_targets = max(1, min(MOST_TARGETS, drugs // DRUGS_A_TARGET))
    least = max(n_targets, guides)  # targets and genes that are silenced belong to no programme
    sentinels = list(dict.fromkeys(known))[: max(0, genes - least)]
    names = [f"G{i + 1:04d}" for i in range(genes - len(sentinels))] + sentinels
    targets = [names[i % n_targets] for i in range(drugs)]
    compounds = make_compounds(tuple(sorted(targets)))
    code = {names[i]: rng.standard_normal(genes) for i in range(least)}
    own = {c.name: rng.standard_normal(genes) for c in compounds}
    lines = [f"line{i:02d}" for i in range(contexts)]
    rows = [(line, c.name, dose) for line in lines for c in compounds for dose in DOSES]
    rows += [(line, names[i], np.nan) for line in lines for i in range(guides)]
    of = {c.name: c for c in compounds}
    table = Conditions.make(
        [r[0] for r in rows],
        [[r[1]] for r in rows],
        dose=[r[2] for r in rows],
        modality=["drug" if r[1] in of else "CRISPRi" for r in rows],
        annotation={
            key: [getattr(of[r[1]], key) if r[1] in of else "" for r in rows] for key in ("target", "moa", "smiles")
        },
    )
    delta = np.empty((len(table), genes))
    for i, (parts, dose) in enumerate(zip(table.parts, table.dose.tolist(), strict=True)):
        c = of.get(parts[0])
        size = 0.5 * (STRENGTH[dose] if c else 1.0)
        delta[i] = size * (0.7 * code[c.target] + 0.7 * own[c.name] if c else code[parts[0]])
    sets = {f"SET_{k}": tuple(sorted(names[j] for j in rng.choice(genes, 40, replace=False))) for k in range(50)}
    known = Knowledge(
        gene_sets=(GeneSets(Resource("sets", "", "", None, "", 50), sets, {}),),
        relations=(relate(names[:least], names, rng),),
    )
    test = np.isin(table.context, lines[contexts // 2 :])
    return plant(table, delta, test, rng, genes=names, wells=4, control_wells=16, noise=1.0, knowledge=known)


def relate(some: list[str], genes: list[str], rng: np.random.Generator) -> Relations:
    """Pairs: of genes that are perturbed, and of these with any."""
    left = rng.choice(some, PAIRS).tolist()
    right = [*rng.choice(some, PAIRS // 10).tolist(), *rng.choice(genes, PAIRS - PAIRS // 10).tolist()]
    return Relations.make(Resource("pairs", "", "", None, "", PAIRS), "network neighbour", left, right)


def main() -> None:
    """Time every diagnostic."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("drugs", 379), ("contexts", 50), ("genes", 1000), ("guides", 100), ("models", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", nargs="*", default=())
    args = parser.parse_args()
    start = time.perf_counter()
    made = study(args.drugs, args.contexts, args.genes, args.guides)
    rng = np.random.default_rng(1)
    truth = made.delta[made.test]
    answers = [
        made.answer(truth + (0.3 + k) * rng.standard_normal(truth.shape), f"model {k}") for k in range(args.models)
    ]
    mean = np.tile(made.effects.delta_train[made.claim.split.train].mean(axis=0), (len(truth), 1))
    answers.append(made.answer(mean, "mean", role="baseline"))
    provided = made.provided(*answers)
    seconds = time.perf_counter() - start
    print(f"{len(made.effects.conditions):,} conditions, {len(truth):,} test; {seconds:.0f} s to plant")
    total = 0.0
    for entry in DIAGNOSTICS:
        if args.only and entry.name not in args.only:
            continue
        start = time.process_time()
        found = call(entry, provided | {"rng": np.random.default_rng(2)})
        seconds = time.process_time() - start
        total += seconds
        first = found if isinstance(found, Finding) else found[0]
        gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{seconds:7.1f} s  {gib:5.1f} GiB  {entry.name:<24} {first.status.value:<5} {first.sentence[:100]}")
    print(f"{total:7.1f} s of CPU in all")


if __name__ == "__main__":
    main()
