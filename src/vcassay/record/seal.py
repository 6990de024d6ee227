"""The seal of a held-out truth, and the key that opens it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vcassay.record.base import Record

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes as lower-case hexadecimal."""

ALGORITHM = (
    "commitment: sha256 over the salt (32 bytes) and the other entries of this file as JSON, keys sorted. "
    "truth: sha256 over the salt and the digests of the held-out rows, sorted. "
    "Digest of a row: BLAKE2b of 32 bytes, keyed with the salt, over the JSON list [row name, condition as [context, "
    "[perturbations], dose, time] or null for a control, control pool, batch], and then, for each gene whose value is "
    "not 0, by name, its position among the sorted names (uint32) and its value (float64), both little-endian; every "
    "NaN is the quiet one of positive sign. "
    "genes: sha256 over the JSON list of the sorted names. "
    "roles: sha256 over the JSON list [[condition, role] by condition, test shards, reserved shards]; a dose or time "
    "that is missing is -1.0. "
    "salt: sha256 over the salt. JSON as Python's json.dumps writes it by default."
)
"""How the hashes are made, in words that suffice to make them again."""


class SealRecord(Record):
    """What is made public before anybody predicts: it binds the truth and shows nothing of it."""

    schema_: str = "vcassay.seal/1"
    commitment: Sha256
    """The hash to announce."""
    truth: Sha256
    """Salted hash of the held-out rows."""
    salt: Sha256
    """Hash of the salt, which tells whether a key fits."""
    conditions: Sha256
    """Hash of the condition table that the split is bound to."""
    roles: Sha256
    """Hash of the role of every condition."""
    manifest: Sha256
    """Hash of the file split.json that was handed out beside it."""
    genes: Sha256
    seed: int
    """The study's seed, by which control rows are reserved."""
    n_conditions: int
    """Test conditions."""
    created: str
    version: str
    algorithm: str = ALGORITHM


class SealKeyRecord(Record):
    """What stays private until the truth is shown."""

    schema_: str = "vcassay.seal-key/1"
    salt: Sha256
    """Thirty-two random bytes."""
    n_rows: int
    """Held-out rows: of test conditions, and the controls that scoring reads. Numbers of cells tell of effects."""
    n_controls: int
    """How many of them are controls."""
