"""Seal: commit to the held-out truth by hash before anybody predicts, and open it afterwards."""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.shards import TRAINING
from vcassay.claim import Split, read_split
from vcassay.core import InputError
from vcassay.core.provenance import file_sha256, versions
from vcassay.effects.slots import make_slots
from vcassay.record.codec import dump_json, load_json
from vcassay.record.seal import SealKeyRecord, SealRecord
from vcassay.run.cache import whole
from vcassay.run.stage1 import split_of
from vcassay.run.study import read_study
from vcassay.screen import CONTROL, Screen
from vcassay.screen.screen import Block

DIGEST = 32
"""Bytes of a row's digest."""
VALUE = np.dtype([("gene", "<u4"), ("value", "<f8")])
"""How a value that is not 0 enters a row's digest: the place of its gene among the sorted names, and itself."""


@dataclass(frozen=True, slots=True)
class _Truth:
    """The entries of a seal that follow from a study and the salt."""

    truth: str
    conditions: str
    roles: str
    genes: str
    seed: int
    n_conditions: int
    n_rows: int
    n_controls: int


def key_path(folder: Path) -> Path:
    """Where the key of a task's folder lies: next to it, never in it."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.parent / f"{named.name}.key.json"


def refuse_sealed(folder: Path) -> None:
    """Refuse to seal a folder again: a commitment that can be replaced is none.

    Raises
    ------
    InputError
        If the folder holds a seal, or a key lies next to it.
    """
    for path, noun in ((folder / "seal.json", "seal"), (key_path(folder), "key")):
        if path.exists():
            mend = "write the task into a new folder, or move this one away if nobody was given it"
            raise InputError(f"is a {noun} already, and a commitment is never replaced", where=str(path), mend=mend)


def seal_truth(study: Path, folder: Path) -> SealRecord:
    """Write ``seal.json`` into a task's folder, and the key that opens it next to the folder.

    Sealed are the split, the names of the genes and every row that scoring reads (`sealed_rows`).
    Training rows are public and are not: they may change. Nor is study.toml, which says how the truth
    is scored. The order of rows and genes, dense or sparse storage and the number type do not matter.

    Parameters
    ----------
    folder
        What `vcassay.run.task.write_task` wrote from the same study.

    Raises
    ------
    InputError
        If there is a seal or a key already, the folder's split is missing or not the study's, or the study
        holds out nothing.
    """
    refuse_sealed(folder)
    salt = secrets.token_hex(DIGEST)
    manifest = folder / "split.json"
    handed_out = read_split(manifest)
    found = _find_truth(study, bytes.fromhex(salt))
    if not found.n_rows:
        raise InputError("holds out no row to seal", where=str(study), mend="give some conditions the role 'test'")
    if (handed_out.conditions.sha256(), _hash_roles(handed_out)) != (found.conditions, found.roles):
        mend = f"write the folder again: vcassay task {study} -o {folder}"
        raise InputError(f"is not the split of {study}", where=str(manifest), mend=mend)
    public = (name for name in _Truth.__slots__ if name not in ("n_rows", "n_controls"))
    entries: dict[str, Any] = {name: getattr(found, name) for name in public} | {
        "salt": hashlib.sha256(bytes.fromhex(salt)).hexdigest(),
        "manifest": file_sha256(manifest),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "version": versions()["vcassay"],
    }
    open_ = SealRecord(commitment="0" * 64, **entries)
    record = open_.model_copy(update={"commitment": _commit(open_, bytes.fromhex(salt))})
    with whole(folder / "seal.json") as seal, whole(key_path(folder)) as key:  # the key is in place first
        seal.write_text(dump_json(record), encoding="utf-8")
        key.touch(mode=0o600)
        private = SealKeyRecord(salt=salt, n_rows=found.n_rows, n_controls=found.n_controls)
        key.write_text(dump_json(private), encoding="utf-8")
    return record


def open_seal(seal: Path, key: Path, study: Path) -> list[str]:
    """Make the hashes of a seal again from the study's screen and split.

    Returns
    -------
    One sentence a problem; none if the seal holds. Values and labels of held-out rows are told apart from
    the split, the genes and the number of rows, but not from each other.

    Raises
    ------
    InputError
        If a file is missing or no seal or key.
    """
    sealed, private = load_json(seal, SealRecord), load_json(key, SealKeyRecord)
    salt = bytes.fromhex(private.salt)
    if hashlib.sha256(salt).hexdigest() != sealed.salt:
        return [f"{key} is not the key of {seal}."]
    if _commit(sealed, salt) != sealed.commitment:
        return [f"{seal} was edited: its commitment does not follow from its other entries."]
    problems = []
    manifest = seal.parent / "split.json"
    if manifest.is_file() and file_sha256(manifest) != sealed.manifest:
        problems.append(f"{manifest} is not the file that was handed out: its hash differs from the seal's.")
    found = _find_truth(study, salt)
    if found.seed != sealed.seed:
        problems.append(f"{study} has the seed {found.seed}, and {sealed.seed} was sealed.")
    if found.conditions != sealed.conditions:
        problems.append(f"The conditions of {study} are not those that were sealed: the hash of their table differs.")
    elif found.roles != sealed.roles:
        problems.append(f"The split of {study} is not the one that was sealed: roles differ.")
    if found.genes != sealed.genes:
        problems.append(f"The genes of {study} are not those that were sealed.")
    numbers, before = (found.n_rows, found.n_controls), (private.n_rows, private.n_controls)
    if numbers != before:
        words = "{:,} held-out rows, {:,} of them controls"
        problems.append(f"{study} has {words.format(*numbers)}; sealed were {words.format(*before)}.")
    if found.truth != sealed.truth and not problems:
        problems.append(f"Names, labels or values of held-out rows of {study} are not those that were sealed.")
    return problems


def sealed_rows(screen: Screen, split: Split, seed: int) -> NDArray[np.int64]:
    """Positions of the rows that scoring reads: of test conditions, and controls.

    The controls are those that the training view withholds, and, where a pool has too few to reserve
    any, all of them. In a random-cell split the rows of the test shards are held out.
    """
    slots, table = make_slots(screen, seed), screen.table
    test = np.zeros(len(split.conditions), dtype=bool)
    test[split.test] = True
    held = (table.condition >= 0) & test[np.maximum(table.condition, 0)]
    if split.test_shards:
        held &= np.isin(slots.shard, split.test_shards)
    read = ~np.isin(slots.shard, TRAINING)
    if len(slots.shared_pool):
        read |= slots.shared_pool[np.maximum(table.pool, 0)]
    return np.flatnonzero(held | (read & (table.condition == CONTROL)))


def hash_rows(screen: Screen, at: NDArray[np.int64], salt: bytes) -> NDArray[np.uint64]:
    """Digests of some rows, from one walk over the matrix (`vcassay.record.seal.ALGORITHM`).

    Parameters
    ----------
    at
        Positions of the rows, ascending.

    Returns
    -------
    (rows, 4) big-endian words of the digests, sorted.
    """
    table, names = screen.table, screen.adata.obs_names
    place = np.empty(screen.adata.n_vars, dtype=np.int64)
    place[np.argsort(screen.genes, kind="stable")] = np.arange(len(place))
    keys = [*table.conditions.keys, None]  # the code of a control is -1, the last
    out = bytearray()
    for start, block in screen.chunks():
        low, high = np.searchsorted(at, (start, start + block.shape[0]))
        rows = at[low:high]
        if not len(rows):
            continue
        values, ends = _values(block[rows - start], place)
        for i, row in enumerate(rows):
            label = [str(names[row]), keys[table.condition[row]], table.pools[table.pool[row]]]
            text = json.dumps([*label, table.batches[table.batch[row]]])
            digest = hashlib.blake2b(text.encode(), digest_size=DIGEST, key=salt)
            digest.update(values[ends[i] : ends[i + 1]])
            out += digest.digest()
    words = np.frombuffer(bytes(out), dtype=">u8").reshape(-1, DIGEST // 8)
    return np.asarray(words[np.lexsort(words.T[::-1])])


def _values(block: Block, place: NDArray[np.int64]) -> tuple[memoryview, NDArray[np.int64]]:
    """Bytes of the values that are not 0, row by row, and where each row's end."""
    rows = sp.csr_matrix(block)
    rows = sp.csr_matrix((rows.data.astype(np.float64), place[rows.indices], rows.indptr), shape=rows.shape)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    values = np.empty(rows.nnz, dtype=VALUE)
    values["gene"] = rows.indices
    values["value"] = np.where(np.isnan(rows.data), np.nan, rows.data)  # one kind of NaN
    return memoryview(values.tobytes()), rows.indptr.astype(np.int64) * VALUE.itemsize


def _find_truth(study: Path, salt: bytes) -> _Truth:
    settings, _ = read_study(study)
    split, screen = split_of(study)
    with screen:
        at = sealed_rows(screen, split, settings.seed)
        digests = hash_rows(screen, at, salt)
        return _Truth(
            truth=hashlib.sha256(salt + digests.tobytes()).hexdigest(),
            conditions=split.conditions.sha256(),
            roles=_hash_roles(split),
            genes=_hash_json(sorted(screen.genes.tolist())),
            seed=settings.seed,
            n_conditions=len(split.test),
            n_rows=len(at),
            n_controls=int((screen.table.condition[at] == CONTROL).sum()),
        )


def _hash_roles(split: Split) -> str:
    roles = [[key, str(role)] for key, role in zip(split.conditions.keys, split.roles, strict=True)]
    return _hash_json([roles, split.test_shards, split.reserved_shards])


def _hash_json(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _commit(record: SealRecord, salt: bytes) -> str:
    """The commitment that follows from a seal's other entries."""
    entries = record.model_dump(mode="json", exclude={"commitment"})
    entries["schema"] = entries.pop("schema_")
    return hashlib.sha256(salt + json.dumps(entries, sort_keys=True).encode()).hexdigest()
