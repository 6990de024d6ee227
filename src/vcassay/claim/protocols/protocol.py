"""Protocols: published splits by name, and the claim that their structure supports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from vcassay.claim.stated import StatedSplit
from vcassay.core import InputError, Regime
from vcassay.core.errors import did_you_mean
from vcassay.record.card import Evidence
from vcassay.record.packaged import packaged_names, read_packaged_file

PACKAGE = "vcassay.claim.protocols"

NEAREST: dict[Regime, str] = {
    Regime.RANDOM_CELLS: "random-cells",
    Regime.DOSE: "dose-interpolation",
    Regime.TIME: "time-interpolation",
    Regime.FEW_SHOT: "few-shot",
    Regime.COMBINATION: "combination",
    Regime.GEX: "gex",
    Regime.DEX: "dex",
    Regime.MODALITY: "modality",
    Regime.CEX: "cex",
    Regime.AEX: "aex",
}
"""The maker to turn to for a regime when the structure of a protocol cannot be drawn."""


class Trap(BaseModel):
    """What is known to be wrong with a protocol, or left open by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["WARN", "FAIL", "UNKNOWN"]
    title: str
    sentence: str
    evidence: Evidence


class Protocol(StatedSplit):
    """A split as its authors describe it."""

    schema_: Literal["vcassay.protocol/1"]
    name: str
    title: str
    dataset: str
    source: str
    evidence: Evidence
    definition: str
    note: str
    traps: tuple[Trap, ...] = ()
    make: Mapping[str, Any] | None = None
    """Maker and options by which the same structure is drawn on a screen at hand."""

    @field_validator("make")
    @classmethod
    def _names_a_maker(cls, make: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if make is not None and not isinstance(make.get("make"), str):
            raise ValueError("[make] names no maker")
        return make


def protocols() -> Iterator[Protocol]:
    """Every protocol of the package, by name."""
    return (_read(name) for name in _names())


def read_protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises
    ------
    InputError
        If nobody has published, or proposed, one of that name.
    """
    known = _names()
    name = name.strip().casefold()
    if name not in known:
        raise InputError(f"no protocol is called '{name}'", where="--protocol", mend=did_you_mean(name, known))
    return _read(name)


def protocol_options(name: str) -> tuple[str, dict[str, Any]]:
    """How the structure of a protocol is drawn on a screen at hand.

    Returns
    -------
    The name of the maker and its options for `vcassay.claim.make.make_split`. ``together`` and
    ``groups`` hold no lists but the name of what the study must hand over: ``siblings`` (contexts of
    one donor), ``scaffold``, ``moa``.

    Raises
    ------
    InputError
        If there is no such protocol, or its structure cannot be drawn.
    """
    protocol = read_protocol(name)
    if protocol.make is None:
        maker = NEAREST.get(protocol.regime)
        mend = "read its lists with [split] file = ..."
        if maker:
            mend += f", or draw another split of regime '{protocol.regime}' with [split] make = '{maker}'"
        raise InputError(f"the structure of '{name}' cannot be drawn", where="[split] protocol", mend=mend)
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in protocol.make.items() if k != "make"}
    return str(protocol.make["make"]), options


def _names() -> list[str]:
    return packaged_names(PACKAGE)


@cache
def _read(name: str) -> Protocol:
    return read_packaged_file(PACKAGE, name, Protocol)
