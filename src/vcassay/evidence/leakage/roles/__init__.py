"""What the split lists: the same condition twice, a regime that is not kept, doses and plates on both sides."""

from vcassay.evidence.leakage.roles import identity, protocol

__all__ = ["identity", "protocol"]
