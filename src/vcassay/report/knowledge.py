"""What baselines know of a study's names, in words: for the page, the terminal and Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord, FeatureRecord
from vcassay.report.wording import count, listing

NAMED = 5
"""Names without features that are written out; the record holds all."""


@dataclass(frozen=True, slots=True)
class Known:
    """A line on a resource or block of features."""

    name: str
    kind: str
    axis: str
    columns: int
    share: str
    """How many of the names it knows, and in which ways."""
    missing: str
    note: str
    origin: str
    """File, day of release, licence."""
    later: bool
    """Whether it was released after the truth became public."""

    @property
    def line(self) -> str:
        """All of it in one line."""
        kind = f"{self.kind}, {self.axis}s" if self.axis == "context" else self.kind
        wide = f", {count(self.columns, 'column')}" if self.columns else ""
        text = f"{self.name} ({kind}{wide}): {self.share}"
        text += f"; not: {self.missing}" if self.missing else ""
        text += f"; {self.note}" if self.note else ""
        return text + (f"; {LATER}" if self.later else "")


LATER = "released after the truth became public: it may hold it"
NONE = "nothing to look up"


def known_features(record: AssessmentRecord) -> list[Known]:
    """Every resource and block, in the order of the record."""
    return [known(own) for own in record.features]


def known(own: FeatureRecord) -> Known:
    """Write out one resource or block."""
    share = f"{own.matched:,} of {own.wanted:,}" if own.wanted else NONE
    ways = [f"{n:,} by {way}" for way, n in sorted(own.ways.items(), key=lambda x: (-x[1], x[0])) if way != "exact"]
    if own.matched and not own.columns and own.kind != "compounds":
        share += ", without a column that tells them apart"
    origin = [own.file, f"released {own.released}" if own.released else "", own.licence]
    return Known(
        name=own.name,
        kind=own.kind,
        axis=own.axis,
        columns=own.columns,
        share=", ".join([share, *ways]),
        missing=listing([named(name, own) for name in own.unmatched], NAMED) if own.unmatched else "",
        note=own.note,
        origin=", ".join(part for part in origin if part),
        later=bool(own.later),
    )


def named(name: str, own: FeatureRecord) -> str:
    """A name that was not found, with those that it could be."""
    could = own.ambiguous.get(name, ())
    return f"{name} ({' or '.join(could)}?)" if could else name
