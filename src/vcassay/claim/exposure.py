"""Exposure: who may have seen the truth before it was predicted, as far as anybody says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from vcassay.claim.wording import Sentence, plural


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is declared of the truth and of the models' past.

    Attributes
    ----------
    pretraining
        Whether a model was pretrained on further data: ``no``, ``yes`` or ``unknown``.
    truth
        Whether the held-out truth is ``public``, ``private`` or ``unknown``.
    since
        Day since which it is public.
    looks
        Prediction files that were scored on this test set before and with this one; ``None`` without a ledger.
    accessions
        Under what the screen is deposited (GEO, SRA, Zenodo, Hugging Face ...), and what it is usually called.
    """

    pretraining: str = "unknown"
    truth: str = "unknown"
    since: date | None = None
    looks: int | None = None
    accessions: tuple[str, ...] = ()

    def notes(self) -> Iterator[Sentence]:
        """What a reader should know of it."""
        day = f" since {self.since.isoformat()}" if self.since else ""
        match self.truth:
            case "public":
                after = f"after {self.since.isoformat()}" if self.since else "since then"
                reason = f"a model trained or pretrained {after} may have seen it"
                yield Sentence(f"The held-out truth is public{day}.", reason)
            case "private":
                yield Sentence("The held-out truth is private, as stated.", "nobody could train on it")
            case _:
                yield Sentence("Whether the held-out truth is public is not stated.", "[claim] truth says it")
        match self.pretraining:
            case "yes":
                yield Sentence(
                    "What is called unseen is unseen in training, not in pretraining.",
                    "a model was pretrained on further data, and whether those hold this screen is not known here",
                )
            case "unknown":
                yield Sentence(
                    "What is called unseen is unseen in training; pretraining is not declared.",
                    "a model that was pretrained on this screen has seen it",
                )
        if self.looks is not None and self.looks > 0:
            yield Sentence(
                f"The test set has been looked at with {plural(self.looks, 'prediction file')}.",
                "a model chosen among many looks is flattered by the choice",
            )
