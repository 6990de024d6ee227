"""Structures: the parent of each compound, and with the extra ``chem`` its connectivity, scaffold and fingerprint.

Without RDKit a parent is the text of the SMILES fragment that is no counter-ion. It is equal for two compounds only
when one program wrote both: equal text shows one structure, different text shows nothing.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from vcassay.core import InputError
from vcassay.knowledge.compounds import CONNECTIVITY
from vcassay.knowledge.salts import heavy_atoms, parent_fragments, parent_name
from vcassay.knowledge.similarity import Bits, Floats, Index, tanimoto

RADIUS, BITS = 2, 2048
"""Morgan fingerprint of radius 2 folded to 2,048 bits: ECFP4 (Rogers & Hahn 2010, doi:10.1021/ci100050t)."""

PARTS = (
    "Chem",
    "Chem.rdFingerprintGenerator",
    "Chem.MolStandardize.rdMolStandardize",
    "Chem.Scaffolds.MurckoScaffold",
)
"""Modules of RDKit that are used."""

KEPT = 4096
"""Structures that are kept once read: claim, checks and baselines ask for the same ones."""

NOT_AVAILABLE = "similarity of structures is not available: RDKit is not installed (pip install 'vcassay[chem]')"

SMILES = re.compile(
    r"(?:\[\d*(?:[A-Z][a-z]?|[a-z]{1,2}|\*)[^\[\]\s]*\]|Cl|Br|[BCNOPSFI*]|[bcnops]|[-=#$:/\\.()~]|%\d\d|%\(\d+\)|\d)+"
)
STEREO = re.compile(r"\[([CcSsPpNn])@{1,2}(?:TH[12])?H?\]|[/\\]")
CHARGE = re.compile(r"\[([BCNOPS])H?\d?[+-]\]|\[([a-z])H\+\]")


@dataclass(frozen=True, slots=True, eq=False)
class Structures:
    """What is known of the structures of n compounds.

    Attributes
    ----------
    names
        n names.
    parent
        Structure without salts and solvates: canonical SMILES with RDKit, else comparable text; empty where unknown.
    connectivity
        First block of the parent's InChIKey (bonds without stereochemistry); without RDKit that of the stated InChIKey,
        which includes the salt. Empty where there is none.
    scaffold
        Murcko scaffold of the parent; empty where there is no ring or no RDKit.
    parent_names, removed
        Name without the words for a salt or solvate, and those words.
    bits
        (n, 2048) Morgan fingerprints of the parents, no bit set where unknown; ``None`` without RDKit.
    missing, unparsed, mixtures
        Names without SMILES; with SMILES that do not parse; with a second fragment that could be a compound.
    method
        ``RDKit`` and its version, or ``text``.
    reason
        Why there are no fingerprints; empty where there are.
    inchikey
        Whole InChIKey of the parent with RDKit, else the stated one, which is that of the salt; empty where unknown.
    """

    names: tuple[str, ...]
    parent: tuple[str, ...]
    connectivity: tuple[str, ...]
    scaffold: tuple[str, ...]
    parent_names: tuple[str, ...]
    removed: tuple[tuple[str, ...], ...]
    bits: Bits | None
    missing: tuple[str, ...]
    unparsed: tuple[str, ...]
    mixtures: tuple[str, ...]
    method: str
    reason: str
    inchikey: tuple[str, ...] = ()

    def similarity(self, rows: Index | Sequence[int], columns: Index | Sequence[int]) -> Floats:
        """(len(rows), len(columns)) Tanimoto coefficients of parents; NaN where a structure is not known."""
        if self.bits is None:
            return np.full((len(rows), len(columns)), np.nan)
        return tanimoto(self.bits[np.asarray(rows, dtype=np.int64)], self.bits[np.asarray(columns, dtype=np.int64)])


def rdkit() -> ModuleType | None:
    """RDKit if it is installed; the one place where it is imported."""
    try:
        module = importlib.import_module("rdkit")
        for part in PARTS:
            importlib.import_module(f"rdkit.{part}")
    except ImportError:
        return None
    return module


def structures(
    names: Sequence[str], smiles: Sequence[str], inchikey: Sequence[str] | None = None, *, chemistry: bool | None = None
) -> Structures:
    """Work out parents of compounds, and with RDKit what their likeness needs.

    Parameters
    ----------
    names, smiles, inchikey
        One a compound; an empty string where unknown.
    chemistry
        ``True`` needs RDKit, ``False`` does without, ``None`` uses it where it is installed.

    Returns
    -------
    With RDKit the parent is cleaned up and without charge (RDKit's MolStandardize); tautomers are not made equal, but
    the connectivity of InChI has mobile hydrogens and mostly is. A SMILES that does not parse is listed, with empty
    fields: its likeness to others is unknown, not nil.

    Raises
    ------
    InputError
        If RDKit is asked for and not installed.
    ValueError
        If there are not as many SMILES or InChIKeys as names.
    """
    module = None if chemistry is False else rdkit()
    if chemistry and module is None:
        mend = "install it with: pip install 'vcassay[chem]'"
        raise InputError("fingerprints and scaffolds need RDKit, which is not installed", where="compounds", mend=mend)
    keys = [""] * len(names) if inchikey is None else inchikey
    bits = None if module is None else np.zeros((len(names), BITS), dtype=np.bool_)
    parse = _text if module is None else _chemistry(module)
    stripped = [parent_name(name) for name in names]
    rows: list[tuple[str, str, str, str]] = []
    missing: list[str] = []
    unparsed: list[str] = []
    mixtures: list[str] = []
    for i, (name, text, key) in enumerate(zip(names, smiles, keys, strict=True)):
        read = parse(text.strip()) if text.strip() else None
        whole = (read.inchikey if read else "") or key
        short = whole[:CONNECTIVITY]
        rows.append((read.parent, short, read.scaffold, whole) if read else ("", short, "", whole))
        if read is None:
            (unparsed if text.strip() else missing).append(name)
        elif read.mixture:
            mixtures.append(name)
        if bits is not None and read is not None:
            bits[i] = read.bits
    parent, connectivity, scaffold, whole_keys = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Structures(
        tuple(names),
        parent,
        connectivity,
        scaffold,
        tuple(name for name, _ in stripped),
        tuple(words for _, words in stripped),
        bits,
        tuple(missing),
        tuple(unparsed),
        tuple(mixtures),
        "text" if module is None else f"RDKit {module.__version__}",
        NOT_AVAILABLE if module is None else "",
        whole_keys,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    parent: str
    mixture: bool
    inchikey: str = ""
    scaffold: str = ""
    bits: Any = None


def _text(smiles: str) -> _Read | None:
    """Parent as text: no counter-ions, stereochemistry or charge; what is no SMILES gives ``None``."""
    if not SMILES.fullmatch(smiles) or smiles.count("(") != smiles.count(")"):
        return None
    parts = [part for part in smiles.split(".") if part]
    chosen, mixture = parent_fragments([heavy_atoms(part) for part in parts])
    plain = sorted(CHARGE.sub(_neutral, STEREO.sub(_flat, parts[i])) for i in chosen)
    return _Read(".".join(plain), mixture) if plain else None


def _flat(found: re.Match[str]) -> str:
    return found[1] or ""


def _neutral(found: re.Match[str]) -> str:
    return found[1] or found[2]


@lru_cache(maxsize=1)
def _chemistry(module: ModuleType) -> Callable[[str], _Read | None]:
    """Reader of one SMILES with RDKit; it keeps what it has read."""
    chem = module.Chem
    standard = chem.MolStandardize.rdMolStandardize
    scaffold = chem.Scaffolds.MurckoScaffold
    morgan = chem.rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    uncharger = standard.Uncharger()

    @lru_cache(maxsize=KEPT)
    def read(smiles: str) -> _Read | None:
        with module.rdBase.BlockLogs():
            whole = chem.MolFromSmiles(smiles)
            if whole is None or not whole.GetNumAtoms():
                return None
            parts = chem.GetMolFrags(whole, asMols=True)
            atoms = [Counter(a.GetSymbol() for a in part.GetAtoms() if a.GetSymbol() != "H") for part in parts]
            chosen, mixture = parent_fragments(atoms)
            kept = parts[chosen[0]] if len(chosen) == 1 else whole
            parent = uncharger.uncharge(standard.Cleanup(kept))
            core = scaffold.GetScaffoldForMol(parent)
            return _Read(
                chem.MolToSmiles(parent),
                mixture,
                chem.MolToInchiKey(parent),
                chem.MolToSmiles(core) if core.GetNumAtoms() else "",
                morgan.GetFingerprintAsNumPy(parent).astype(np.bool_),
            )

    return read
