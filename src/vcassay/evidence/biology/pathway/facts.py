"""Facts: what is known of each context, what the user handed in first."""

from __future__ import annotations

from collections.abc import Sequence

from vcassay.knowledge import Expectations, Knowledge


def facts_of(contexts: Sequence[str], table: Expectations, knowledge: Knowledge) -> list[dict[str, str]]:
    """Name of a fact to its value, for each context.

    The user's own table of expectations goes first, then the labels of cell lines (the first value of each), then
    columns of context features called ``FACT=value`` where they are above 0, then the table that comes with the
    package. A line is found by the context's name, or by its recommended name among the handed cell lines.
    """
    own = knowledge.expectations
    lines = knowledge.cell_lines
    accession = {} if lines is None else dict(lines.find(contexts).found)
    row = {} if lines is None else {a: i for i, a in enumerate(lines.accessions)}
    out: list[dict[str, str]] = []
    for context in contexts:
        names = [context]
        labels: dict[str, str] = {}
        if lines is not None and context in accession:
            i = row[accession[context]]
            names += [lines.names[i], *lines.synonyms[i]]
            labels = {fact: column[i][0] for fact, column in lines.labels.items() if column[i]}
        found: dict[str, str] = {}
        for name in reversed(names):
            found |= table.facts(name)
        found |= _features(context, knowledge)
        found |= labels
        for name in reversed(names):
            found |= {} if own is None else own.facts(name)
        out.append(found)
    return out


def _features(context: str, knowledge: Knowledge) -> dict[str, str]:
    found: dict[str, str] = {}
    for features in reversed(knowledge.context_features):
        if context in features.ids:
            values = features.matrix[features.ids.index(context)].tolist()
            for column, value in zip(features.columns, values, strict=False):
                fact, equals, word = column.partition("=")
                if equals and value > 0:
                    found[fact] = word
    return found
