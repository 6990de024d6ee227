"""Protocols: published splits by name, and the claim that their structure supports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vcassay.claim.wording import Facts, Sentence, claim_sentence, does_not_support, supports
from vcassay.core import STRENGTH, InputError, Regime
from vcassay.core.errors import did_you_mean

PACKAGE = "vcassay.claim.protocols"


class Stratum(BaseModel):
    """Test conditions of one regime; a number that the source does not state is ``None``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    regime: Regime
    share: float
    what: str
    contexts_train: int | None = None
    contexts_test: int | None = None
    perturbations: int | None = None
    paired: float | None = None
    shots: float | None = None
    shots_share: float | None = None


class Trap(BaseModel):
    """What is known to be wrong with a protocol, or left open by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["WARN", "FAIL", "UNKNOWN"]
    title: str
    sentence: str
    evidence: str
    """read, second-hand, recalled or inferred."""


class Protocol(BaseModel):
    """A split as its authors describe it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["vcassay.protocol/1"]
    name: str
    title: str
    dataset: str
    source: str
    evidence: str
    definition: str
    note: str
    contexts_test: tuple[str, ...] = ()
    strata: tuple[Stratum, ...]
    traps: tuple[Trap, ...] = ()

    @property
    def regime(self) -> Regime:
        """The weakest regime of its strata: what the whole test set supports."""
        return min((s.regime for s in self.strata), key=STRENGTH.index)

    def facts(self, stratum: Stratum) -> Facts:
        """Numbers for the sentences of a stratum."""
        return Facts(
            n_test=None,
            n_contexts_train=stratum.contexts_train,
            n_contexts_test=stratum.contexts_test,
            n_perturbations=stratum.perturbations,
            paired=stratum.paired,
            shots=stratum.shots,
            shots_share=stratum.shots_share,
            contexts=", ".join(self.contexts_test),
        )

    def sentence(self) -> str:
        """The claim in one sentence: that of the weakest stratum."""
        weakest = min(self.strata, key=lambda s: STRENGTH.index(s.regime))
        return f"The model predicts {claim_sentence(weakest.regime, self.facts(weakest))}."

    def supports(self) -> list[Sentence]:
        """What a strong result would support, stratum by stratum."""
        return [s for stratum in self.strata for s in supports(stratum.regime, self.facts(stratum))]

    def does_not_support(self) -> list[Sentence]:
        """What the best possible score would not support: what no stratum tests."""
        seen: dict[str, Sentence] = {}
        for stratum in self.strata:
            for sentence in does_not_support(stratum.regime):
                seen.setdefault(sentence.sentence, sentence)
        return list(seen.values())


def protocols() -> Iterator[Protocol]:
    """Every protocol of the package, by name."""
    names = sorted(f.name for f in files(PACKAGE).iterdir() if f.name.endswith(".toml"))
    return (_read(name.removesuffix(".toml")) for name in names)


def read_protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises
    ------
    InputError
        If nobody has published, or proposed, one of that name.
    """
    known = [p.name for p in protocols()]
    if name not in known:
        raise InputError(f"no protocol is called '{name}'", where="--protocol", mend=did_you_mean(name, known))
    return _read(name)


@cache
def _read(name: str) -> Protocol:
    data = tomllib.loads(files(PACKAGE).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    data["schema_"] = data.pop("schema")
    return Protocol.model_validate(data)
