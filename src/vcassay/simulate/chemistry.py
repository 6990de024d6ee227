"""Compounds whose structures fall into groups that share a scaffold."""

from __future__ import annotations

from dataclasses import dataclass

SCAFFOLDS = (
    "c1ccc2nc(Nc3ccc({a})c({b})c3)ncc2c1",
    "O=C(Nc1cccc({a})c1)c1ccc({b})cc1",
    "Cn1nc({a})c2cc({b})cnc21",
    "O=C1CCC(c2ccc({a})c({b})c2)N1",
    "c1cc({a})c2c(c1)[nH]c1ccc({b})cc12",
    "O=S(=O)(Nc1ccc({a})cc1)c1cccc({b})c1",
    "c1cc({a})ccc1C1CCN(c2ncc({b})cn2)CC1",
    "O=c1oc2cc({a})ccc2cc1-c1ccc({b})cc1",
    "c1csc(-c2cc({a})cc({b})n2)c1",
    "C1CN(c2ccc({a})cc2)CCN1c1ccnc({b})c1",
    "O=C(c1ccc({a})o1)N1CCC({b})CC1",
    "c1ccc(-n2cc({a})c3cc({b})ccc32)cc1",
)
"""Twelve ring systems with two sites; substituents have no rings, so each is a Murcko scaffold."""
SUBSTITUENTS = ("C", "F", "Cl", "OC", "C(F)(F)F", "C#N", "CC", "N(C)C", "C(N)=O", "C(C)C", "OC(F)F", "S(C)(=O)=O")
SALT = ".Cl"
SALT_NAME = "hydrochloride"


@dataclass(frozen=True, slots=True)
class Compound:
    """A simulated drug.

    Attributes
    ----------
    name, smiles
        Label and structure; a salt carries its counter-ion in both.
    target, moa
        Gene that it inhibits, and the mechanism's name, shared by the drugs of one target.
    scaffold
        Structure group, an index into `SCAFFOLDS`.
    parent
        Name of the drug that this is a salt of; empty for a drug of its own.
    """

    name: str
    smiles: str
    target: str
    moa: str
    scaffold: int
    parent: str = ""


def structure(scaffold: int, member: int) -> str:
    """SMILES of the ``member``-th compound of a structure group (144 distinct ones)."""
    n = len(SUBSTITUENTS)
    a, b = member % n, (member + member // n + 1) % n
    return SCAFFOLDS[scaffold % len(SCAFFOLDS)].format(a=SUBSTITUENTS[a], b=SUBSTITUENTS[b])


def make_compounds(targets: tuple[str, ...], n_salts: int = 0) -> tuple[Compound, ...]:
    """Name and draw one drug for each entry of ``targets``.

    Drugs of one target mostly share a scaffold, and every third one has the scaffold of another
    target's drugs: structure and mechanism agree in part, as in real libraries, and can be told apart.

    Parameters
    ----------
    targets
        Target gene of each drug; drugs of one target follow each other.
    n_salts
        How many of the first drugs also come as a salt.
    """
    order = {target: i for i, target in enumerate(dict.fromkeys(targets))}
    seen: dict[str, int] = {}
    used: dict[int, int] = {}
    drugs = []
    for i, target in enumerate(targets):
        place = seen.get(target, 0)
        seen[target] = place + 1
        scaffold = (order[target] + (place % 3 == 2)) % len(SCAFFOLDS)
        member = used.get(scaffold, 0)
        used[scaffold] = member + 1
        moa = f"{target} inhibitor"
        drugs.append(Compound(f"drug-{i + 1:03d}", structure(scaffold, member), target, moa, scaffold))
    salts = [
        Compound(f"{d.name} {SALT_NAME}", d.smiles + SALT, d.target, d.moa, d.scaffold, d.name) for d in drugs[:n_salts]
    ]
    return tuple(drugs + salts)
