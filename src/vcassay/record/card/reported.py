"""What a publication says, and others have found, of what the model was given, of leakage and of biology."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vcassay.record.card.source import Stated
from vcassay.record.disclosure import Disclosure


class Known(Stated):
    """Whether code, weights and licence let anybody run the model."""

    code: str = ""
    licence: str = ""
    weights: Literal["", "open", "restricted", "retrain", "announced", "none"] = ""
    """``retrain``: code alone."""


class Given(Disclosure, Stated):
    """What the model was given, as far as it is said: a disclosure (`vcassay.record.disclosure`) with its source.

    An entry that is missing was not declared.
    """


class LeakNote(Stated):
    """What is known of one way in which test information may have reached the model."""

    check: str = Field(min_length=1)
    """Name in the catalogue (`vcassay list checks`)."""
    status: Literal["disclosed", "found", "possible", "unlikely", "excluded"]
    """``disclosed`` by the authors, ``found`` by others, ``possible`` by how the model was made, though nobody has
    tested it, ``unlikely`` by an audit that does not compare cells, ``excluded`` by design or by a test."""
    sentence: str = Field(min_length=1)
    grave: bool = False
    """Whether the headline result rests on it."""


class Diagnosed(Stated):
    """What is shown of one question of biology."""

    room: Literal["dose", "mechanism", "stress", "pathway", "modality", "attribution", "specificity", "universal"]
    """Name of the question (`vcassay.record.rooms.BIOLOGY_ROOMS`)."""
    shown: Literal["measured", "illustrated", "contradicted"]
    """``measured`` beside a null or a baseline; ``illustrated`` by examples; ``contradicted`` by others."""
    sentence: str = Field(min_length=1)


class Disputed(Stated):
    """What others report of the model on other data or other grounds than its own, or of how such models are judged.

    It decides nothing, and may speak for the model or against it.
    """

    sentence: str = Field(min_length=1)
    by: str = Field(min_length=1)
    """Who reports it."""
