"""L09: relatives of unseen genes in training."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.claim.kind import are_genes
from vcassay.core import Finding, Regime, Status, Threshold
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.kin.partners import Partners, Source, find_partners, partner_by_chance, read_sources
from vcassay.evidence.leakage.kin.study_genes import StudyGenes, by_condition, same_gene, study_genes
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, not_comparable
from vcassay.evidence.leakage.wording import assuming
from vcassay.knowledge import Knowledge
from vcassay.knowledge.identifiers import EXACT

WITH_KIN = Threshold("genes_with_kin", 0.5, "proposal: more test genes with than without kin in training")
COMPARED = Threshold("genes_compared", 0.5, "proposal: of fewer known genes the others could turn the answer")

NEW_GENE = (Regime.GEX, Regime.AEX)
ENSEMBL = re.compile(r"ens[a-z]*g\d{6,}(\.\d+)?", re.IGNORECASE)
MEND = "Hand in paralogs, complexes or STRING partners under [knowledge] relations, or complexes under gene_sets."
QUESTION = "Were paralogs and members of one complex kept on one side of the split?"

Flags = NDArray[np.bool_]


@check(
    "L09",
    title="Test genes with relatives in training",
    source="paralogs, complexes, network partners: Csendes 2026 (Turbine); look-up baselines",
)
def gene_relatives(split: Split, claim: Claim, knowledge: Knowledge) -> Finding:
    """At most half of the unseen genes have a paralog, a complex member or another partner in training.

    Counted are test genes that are trained in no context and with no modality, by every resource under [knowledge]
    whose pairs or sets are kin; of resources that are not (``kin = false``) the share is told apart, as neighbours in a
    network. Beside the share stands what it would be had roles been dealt to the same genes at random (hypergeometric,
    with each gene's own number of partners): near it, the split did not keep kin together. Above `WITH_KIN` it is WARN
    where GEX or AEX is declared or found. An unseen gene that is trained under another name (case, version, alias) is
    FAIL there, and WARN elsewhere. UNKNOWN without any resource of kin, or if it knows fewer than `COMPARED` of the
    genes; NA where nothing tested is an unseen gene.
    """
    if (stop := not_comparable("L09", split)) is not None:
        return stop
    if not are_genes(split.conditions):
        if claim.declared is Regime.GEX:
            sentence = (
                "GEX is declared, but the labels do not look like genes and no modality says so: none is compared."
            )
            return finding(
                "L09", Status.UNKNOWN, sentence, question="What is perturbed: genes, and by what (CRISPRi ...)?"
            )
        return finding("L09", Status.NA, "What is perturbed are not genes.")
    study = study_genes(split.conditions, split.train, split.test)
    m = len(study.unseen)
    if not m:
        return finding("L09", Status.NA, "No test condition perturbs a gene that is not trained itself.")
    same = same_gene(study, knowledge.genes)
    sources = read_sources(study.names, knowledge)
    kin, networks = [s for s in sources if s.kin], [s for s in sources if not s.kin]
    n_genes, n_trained = len(study.names), int(study.trained.sum())

    def look(some: Sequence[Source]) -> Partners:
        return find_partners(study.names, study.unseen, study.trained, some)

    joint = look(kin)
    twice = np.asarray([study.names[i] in same for i in study.unseen.tolist()], dtype=np.bool_)
    known, touched = joint.known | twice, joint.touched | twice
    tables = [
        {
            "resource": s.name,
            "relation": s.kind if s.kin else f"{s.kind} (not counted)",
            **_shares(look([s]), n_trained, n_genes),
        }
        for s in (*kin, *networks)
    ]
    evidence = _evidence(study, same, joint, [s.kind for s in kin], tables, _listed(study, sources, known))
    affected = by_condition(study, touched, known)
    said = [f"{r['resource']} {r['share']:.0%}" for r in tables[: len(kin)] if r["known"]]
    beside = [f"{r['resource']} {r['share']:.0%}" for r in tables[len(kin) :] if r["known"]]
    also = f"; network neighbours, not counted as kin: {first(beside, 3)}" if beside else ""
    claimed = bool({claim.declared, claim.regime} & set(NEW_GENE))
    if same:
        pairs = first((f"{a} is {b}" for a, b in same.items()), 3)
        twins = f"{plural(len(same), 'unseen gene')} of {m} trained under another name ({pairs})"
        more: dict[str, Any] = {"value": len(same) / m, "null": 0.0, "threshold": 0.0}
        more |= {"evidence": evidence, "affected": affected}
        if split.assumed:
            return finding("L09", Status.UNKNOWN, assuming(split, twins), question=TRAINING_QUESTION, **more)
        status = Status.FAIL if claimed else Status.WARN
        remedy = "Give every gene one name and one role, train again and score again."
        return finding("L09", status, f"{twins}.", remedy=remedy, **more)
    if not kin or not known.any():
        what = "No resource tells which genes are kin" if not kin else "None of the genes is known to the resources"
        return finding(
            "L09",
            Status.UNKNOWN,
            f"{what}: relatives of {plural(m, 'unseen gene')} in training are not counted{also}.",
            evidence=evidence,
            remedy=MEND,
            question=QUESTION,
        )
    share = float(touched[known].mean())
    null = float(partner_by_chance(joint.degree[known], n_trained, n_genes).mean())
    sentence = (
        f"{int(touched.sum())} of {plural(int(known.sum()), 'unseen gene')} ({share:.0%}) have kin in training "
        f"({first(said, 3)}), against {null:.0%} had roles been dealt to these genes at random"
        + (f"; {m - int(known.sum())} of {m} known to no resource" if not known.all() else "")
        + also
    )
    numbers: dict[str, Any] = {"value": share, "null": null, "threshold": WITH_KIN.value if claimed else None}
    numbers |= {"evidence": evidence, "affected": affected}
    if split.assumed:
        said_so = assuming(split, sentence)
        return finding("L09", Status.UNKNOWN, said_so, question=TRAINING_QUESTION, **numbers)
    if known.mean() < COMPARED.value:
        return finding("L09", Status.UNKNOWN, f"{sentence}.", remedy=MEND, question=QUESTION, **numbers)
    if claimed and share > WITH_KIN.value:
        remedy = "Read the scores without these genes, or keep families together: [split] column = 'family'."
        return finding("L09", Status.WARN, f"{sentence}.", remedy=remedy, **numbers)
    return finding("L09", Status.PASS, f"{sentence}.", **numbers)


def _shares(found: Partners, n_trained: int, n_genes: int) -> dict[str, Any]:
    """Counts of one resource; the shares are NaN where it knows none of the genes."""
    own = found.known
    known = int(own.sum())
    return {
        "known": known,
        "with kin in training": int(found.touched.sum()),
        "share": float(found.touched[own].mean()) if known else float("nan"),
        "at random": float(partner_by_chance(found.degree[own], n_trained, n_genes).mean()) if known else float("nan"),
    }


def _listed(study: StudyGenes, sources: Sequence[Source], known: Flags) -> list[Mapping[str, Any]]:
    """Names that were matched by another name, and those that no resource of kin knows."""
    alias: dict[str, str] = {}
    doubt: dict[str, str] = {}
    for source in sources:
        how, found = source.matched.how, source.matched.found
        alias |= {n: f"{n} as {found[n]} ({way})" for n, way in how.items() if way != EXACT and found[n] != n}
        doubt |= {n: " or ".join(fits) for n, fits in source.matched.ambiguous.items()}
    rows: list[Mapping[str, Any]] = []
    if alias:
        rows.append({"matched": first((alias[n] for n in sorted(alias)), 8)})
    missing = [study.names[i] for i in study.unseen[~known].tolist()]
    if missing:
        rows.append({"not compared": first((f"{n} ({doubt[n]}?)" if n in doubt else n for n in missing), 12)})
    ids = [name for name in study.names if ENSEMBL.fullmatch(name)]
    if 0 < len(ids) < len(study.names) and not any(n in s.matched.found for s in sources for n in ids):
        what = (
            f"{len(ids)} Ensembl ids beside {len(study.names) - len(ids)} symbols: name a table under [knowledge] genes"
        )
        rows.append({"not compared": what})
    return rows


def _evidence(
    study: StudyGenes,
    same: Mapping[str, str],
    found: Partners,
    kinds: Sequence[str],
    tables: Sequence[Mapping[str, Any]],
    listed: Sequence[Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """Culprits first, those with the most partners in training at the head; then each resource, then what is listed."""
    rows: list[Mapping[str, Any]] = [{"gene": a, "in training": b, "relation": "same gene"} for a, b in same.items()]
    for k in np.lexsort((study.unseen, -found.trained)).tolist():
        name = study.names[study.unseen[k]]
        if found.trained[k] and name not in same:
            other = study.names[found.example[k]]
            more = {"relation": kinds[found.by[k]], "partners in training": int(found.trained[k])}
            rows.append({"gene": name, "in training": other, **more})
    rest = [*tables, *listed]
    return [*rows[: max(EVIDENCE_ROWS - len(rest), 3)], *rest]
