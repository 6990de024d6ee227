"""Published splits by name: one TOML each, with its source and known traps."""

from vcassay.claim.protocols.protocol import Protocol, Trap, protocol_options, protocols, read_protocol

__all__ = ["Protocol", "Trap", "protocol_options", "protocols", "read_protocol"]
