"""Threshold: a named constant with its source, kept apart from what is measured."""

from __future__ import annotations

from dataclasses import dataclass

_REGISTERED: dict[str, Threshold] = {}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value that turns a measurement into a judgement.

    Defined beside the rule that uses it, registered on creation and copied into every record, so
    that a verdict can be derived again with the thresholds it was made with.
    """

    name: str
    value: float
    source: str

    def __post_init__(self) -> None:
        known = _REGISTERED.setdefault(self.name, self)
        if known != self:
            raise ValueError(f"threshold '{self.name}' is already registered with another value")

    def __float__(self) -> float:
        return float(self.value)


def registered() -> tuple[Threshold, ...]:
    """Every threshold of the modules imported so far, by name."""
    return tuple(_REGISTERED[name] for name in sorted(_REGISTERED))
