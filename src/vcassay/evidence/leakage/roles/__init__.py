"""What the split lists: the same condition twice, a regime that is not kept, doses and plates on both sides."""

from vcassay.evidence.leakage.roles import batches, doses, duplicates, filtered, plates, protocol

__all__ = ["batches", "doses", "duplicates", "filtered", "plates", "protocol"]
