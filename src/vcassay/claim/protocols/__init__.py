"""Published splits by name: one TOML each, with its source and known traps."""

from vcassay.claim.protocols.protocol import Protocol, Stratum, Trap, protocols, read_protocol

__all__ = ["Protocol", "Stratum", "Trap", "protocols", "read_protocol"]
