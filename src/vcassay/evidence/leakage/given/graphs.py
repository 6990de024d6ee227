"""L32: whether a graph of perturbations was built knowing which of them the benchmark holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.claim.kind import drug_parts
from vcassay.claim.related import annotated
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected, affected_where
from vcassay.core.finding import SEVERITY
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.wording import p_text
from vcassay.knowledge import Knowledge, Relations
from vcassay.knowledge.identifiers import SPELLING, letters, match
from vcassay.prediction import Disclosure, Materials
from vcassay.record.disclosure import Graph

OUTSIDE = Threshold(
    "graph_outside", 0.1, "of a graph over all genes half and more is outside of a genome-wide screen (proposal)"
)
DEGREE_P = Threshold(
    "graph_degree_p",
    0.001,
    "two-sided rank sum of degrees; the effect must be large as well. Kin held out together have degrees alike: at .01 "
    "one of 20 clean panels was accused (p = .009)",
)
DEGREE_AUC = Threshold(
    "graph_degree_auc", 0.2, "distance of the AUC from 1/2: a difference that any eye sees (proposal)"
)
FEWEST = Threshold("graph_fewest", 10, "perturbations on each side: below, such a p needs sides that do not overlap")
QUESTION = "From which genes or compounds was each graph built, and was the benchmark's list of perturbations used?"
REMEDY = "Build the graph over all genes or compounds, without the benchmark's list, and train and score again."


class DegreeContrast(NamedTuple):
    """Degrees of two groups of nodes: the AUC of the first against the second, and a two-sided p-value; NaN if few."""

    auc: float
    p_value: float


def degree_contrast(first: NDArray[np.int64], second: NDArray[np.int64]) -> DegreeContrast:
    """Compare degrees by rank sum (Mann and Whitney 1947), ties counted half."""
    if min(len(first), len(second)) < FEWEST.value:
        return DegreeContrast(np.nan, np.nan)
    statistic, p = scipy.stats.mannwhitneyu(first, second, alternative="two-sided", method="asymptotic")
    return DegreeContrast(float(statistic) / (len(first) * len(second)), float(p) if np.isfinite(p) else 1.0)


class Nodes(NamedTuple):
    """What a graph's nodes are.

    Attributes
    ----------
    n
        Nodes.
    outside
        Share of them that are no perturbation of the benchmark.
    matched, wanted
        Perturbations of the benchmark that are nodes, and all.
    only_test
        Names of nodes that are tested and never trained.
    test_train, test_outside
        Degrees of these against those of trained nodes, and of nodes outside of the benchmark.
    """

    n: int
    outside: float
    matched: int
    wanted: int
    only_test: tuple[str, ...]
    test_train: DegreeContrast
    test_outside: DegreeContrast


def look_at(edges: Relations, split: Split, knowledge: Knowledge) -> Nodes:
    """Compare a graph's nodes and degrees with the split's perturbations, a compound that is no node by its targets."""
    parts = split.conditions.parts
    trained = {p for i in split.train.tolist() for p in parts[i]}
    tested = {p for i in split.test.tolist() for p in parts[i]}
    every = {p for own in parts for p in own}
    found = find_nodes(edges, split, knowledge)
    place = {name: i for i, name in enumerate(edges.names)}
    degree = np.bincount(np.concatenate([edges.left, edges.right]), minlength=len(place))

    def nodes(names: set[str]) -> NDArray[np.int64]:
        own = [place[node] for n in sorted(names) for node in found.get(n, ())]
        return np.unique(np.array(own, dtype=np.int64))

    inside, train = nodes(every), nodes(trained)
    test = np.setdiff1d(nodes(tested), train)
    out = np.setdiff1d(np.arange(len(place)), inside)
    return Nodes(
        len(place),
        len(out) / len(place),
        len(found),
        len(every),
        tuple(edges.names[i] for i in test.tolist()),
        degree_contrast(degree[test], degree[train]),
        degree_contrast(degree[test], degree[out]),
    )


def find_nodes(edges: Relations, split: Split, knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """Each part of a perturbation that is a node, or a compound whose targets are some, to its nodes."""
    conditions = split.conditions
    every = sorted({p for own in conditions.parts for p in own})
    compounds = sorted(drug_parts(conditions))
    targets = annotated(conditions, compounds, knowledge)[0].targets if compounds else ()
    acts = dict(zip(compounds, targets, strict=True))
    wanted = [*every, *sorted({gene for own in targets for gene in own} - set(every))]
    found = match(wanted, edges.names, spellings=((SPELLING, letters),), genes=knowledge.genes).found
    out = {p: (found[p],) if p in found else tuple(found[t] for t in acts.get(p, ()) if t in found) for p in every}
    return {p: nodes for p, nodes in out.items() if nodes}


@check("L32", title="Graph built from the benchmark", source="Csendes 2026 (Turbine): graphs that know the benchmark")
def graphs(split: Split, knowledge: Knowledge, disclosure: Disclosure, materials: Materials) -> Finding:
    """No graph or neighbourhood of perturbations was built knowing which perturbations the benchmark holds.

    ``built_from = "benchmark"`` is FAIL, WARN with a justification. Where the edges are handed in, they are looked
    at: WARN if fewer than `OUTSIDE` of the nodes are outside of the benchmark although the graph is declared to be
    of all genes or compounds, if a graph of training holds perturbations that are only tested, or if degrees of
    perturbations that are only tested differ from those of trained ones (p and AUC). A compound that is no node is
    found by its targets: a drug model may read a graph of genes. UNKNOWN where graphs, or what one was built from, are
    not declared, and where its nodes match neither a perturbation nor a known target.
    """
    if disclosure.graphs is None:
        return finding(
            "L32", Status.UNKNOWN, "Whether the model uses a graph of perturbations is not declared.", question=QUESTION
        )
    if not disclosure.graphs:
        return finding("L32", Status.PASS, "The model uses no graph of perturbations, as declared.")
    seen = {
        g.name: look_at(materials.edges[g.name], split, knowledge)
        for g in disclosure.graphs
        if g.name in materials.edges
    }
    judged = [(g, seen.get(g.name), *judge_graph(g, seen.get(g.name))) for g in disclosure.graphs]
    judged.sort(key=lambda row: SEVERITY[row[2]])
    status = judged[0][2]
    words = "; ".join(f"'{g.name}' {said}" for g, _, _, said in judged)
    more: dict[str, Any] = {"evidence": [_row(*row) for row in judged]}
    shares = [n.outside for n in seen.values() if n.matched]
    if shares:
        more |= {"value": min(shares), "threshold": OUTSIDE.value}
    if status in (Status.FAIL, Status.WARN):
        more |= {"remedy": REMEDY, "affected": _affected(judged[0][0], split, knowledge, materials)}
    elif status is Status.UNKNOWN:
        more["question"] = QUESTION
    return finding("L32", status, f"Of {plural(len(judged), 'graph')}: {words}.", **more)


def judge_graph(graph: Graph, nodes: Nodes | None) -> tuple[Status, str]:
    """Status of one graph, and why."""
    why = f" (justified: {graph.why.rstrip('.')})" if graph.why else ""
    if graph.built_from == "benchmark":
        status = Status.WARN if graph.why else Status.FAIL
        return status, f"was built from the benchmark's perturbations, as declared{why or ', and nothing justifies it'}"
    if nodes is not None and nodes.matched:
        of = f"{plural(nodes.n, 'node')}, {nodes.outside:.0%} of them outside of the benchmark"
        if graph.built_from == "training" and nodes.only_test:
            said = f"is declared to be of training, but {len(nodes.only_test):,} of its nodes are only tested"
            return Status.WARN, f"{said}{why}"
        if graph.built_from != "training" and nodes.outside < OUTSIDE.value:
            return Status.WARN, f"has the benchmark's perturbations for its nodes, nearly alone ({of}){why}"
        auc, p = nodes.test_train
        if p < DEGREE_P.value and abs(auc - 0.5) >= DEGREE_AUC.value:
            more = "more" if auc > 0.5 else "fewer"
            degrees = f"only tested ones have {more} neighbours than trained ones (AUC {auc:.2f}, {p_text(p)})"
            return Status.WARN, f"tells what is tested: {degrees}; {of}{why}"
        if graph.built_from != "unknown":
            compared = f"; tested and trained ones have degrees alike ({p_text(p)})" if np.isfinite(p) else ""
            return Status.PASS, f"was built from {graph.built_from}, and its edges agree ({of}{compared})"
    if graph.built_from == "unknown":
        return Status.UNKNOWN, "was built from what is not declared"
    if nodes is not None:
        of = f"{plural(nodes.wanted, 'perturbation')} or its known targets"
        said = f"has {plural(nodes.n, 'node')}, none named as one of {of}"
        return Status.UNKNOWN, said
    return Status.PASS, f"was built from {graph.built_from}, as declared (no edges handed in)"


def _row(graph: Graph, nodes: Nodes | None, status: Status, said: str) -> Mapping[str, Any]:
    row: dict[str, Any] = {"graph": graph.name, "status": status.value, "built from": graph.built_from}
    if nodes is not None:
        row |= {
            "nodes": nodes.n,
            "outside": nodes.outside,
            "perturbations among them": f"{nodes.matched} of {nodes.wanted}",
            "only tested": list(nodes.only_test[:5]),
            "AUC of degrees, tested against trained": nodes.test_train.auc,
            "tested against outside": nodes.test_outside.auc,
        }
    return row | {"why": graph.why}


def _affected(graph: Graph, split: Split, knowledge: Knowledge, materials: Materials) -> Affected | None:
    """Test conditions whose perturbation is a node, where the edges tell; ``None`` otherwise."""
    if graph.name not in materials.edges:
        return None
    parts = [split.conditions.parts[i] for i in split.test.tolist()]
    found = find_nodes(materials.edges[graph.name], split, knowledge)
    touched = np.array([any(p in found for p in own) for own in parts], dtype=bool)
    return affected_where(f"whose perturbation is a node of '{graph.name}'", touched)
