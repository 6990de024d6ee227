"""Question: does what holds for every cell hold: a silenced gene falls, known targets move as known."""

from vcassay.evidence.biology.universal import known_signs, paralogs, self_knockdown

__all__ = ["known_signs", "paralogs", "self_knockdown"]
