"""Salts and solvates: what a compound's name and fragments say beside the compound itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SALTS = _words(
    "hydrochloride hcl hydrobromide hbr hydroiodide hydriodide bromide chloride iodide hydrate h2o solvate "
    "ethanolate methanolate acetonate dmso_tf dmso propanediol anhydrous mesylate mesilate methanesulfonate "
    "methanesulphonate tosylate tosilate toluenesulfonate besylate besilate benzenesulfonate esylate esilate "
    "ethanesulfonate edisylate edisilate camsylate camsilate napsylate napsilate napadisylate isethionate isetionate "
    "maleate malate fumarate tartrate citrate lactate lactobionate gluconate gluceptate oxalate pamoate embonate "
    "xinafoate hyclate hippurate mandelate hydrogensulfate bisulfate trifluoroacetate tfa formate malonate "
    "meglumine tromethamine trometamol tromethamol olamine erbumine sodium potassium calcium magnesium lithium zinc "
    "salt freebase freeacid"
)
"""Words at the end of a name that tell a salt or solvate."""

ESTERS = _words("acetate phosphate sulfate sulphate succinate benzoate nitrate carbonate aspartate salicylate stearate")
"""Words that tell a salt of a base but an ester of an alcohol: abiraterone acetate. Only a structure can say which."""

NOT_A_PARENT = frozenset(
    _words(
        "sodium disodium trisodium monosodium potassium dipotassium calcium magnesium lithium zinc ammonium "
        "silver iron ferrous ferric copper cupric cuprous cobalt nickel manganese barium strontium aluminium "
        "aluminum gold cesium caesium rubidium cadmium lead mercury mercuric mercurous bismuth chromium lanthanum "
        "gadolinium thallium tin stannous antimony beryllium hydrogen methyl dimethyl monomethyl trimethyl ethyl "
        "diethyl triethyl monoethyl propyl isopropyl butyl dibutyl isobutyl tert-butyl tributyl amyl isoamyl "
        "pentyl hexyl octyl allyl vinyl phenyl benzyl cetyl geranyl linalyl bornyl menthyl guanidine glycerol "
        "glyceryl"
    )
)
"""What must not be left: ``dimethyl fumarate`` and ``lithium carbonate`` are whole names."""

_COUNT = r"(?:\d+(?:\.\d+)?|[x×])?[\s-]?(?:hemipenta|hemi|sesqui|mono|di|tri|tetra|penta|hexa|hepta|bis|bi)?-?"
_WORD = rf"(?:{_COUNT}(?:{'|'.join(SALTS)})|(?:hemi)?(?:{'|'.join(ESTERS)})|\(\d:\d\))"
_SUFFIX = re.compile(rf"^(?P<rest>.*[^\s\-._,])[\s\-._,]+(?P<word>{_WORD})$")
_INSIDE = re.compile(rf"^(?:\(\d?[rs]\)-)?(?:[\d,]+-)?{_WORD}$")
_BLANKS = re.compile(r"\s+")
_FREE = re.compile(r"\bfree[\s-](base|acid)\b")

COUNTERIONS = frozenset(
    _words(
        # inorganic acids, water, ammonia
        "Br Cl F I O N NO3 O4P O4S ClO4 CO3 BF4 F6P CNS "
        # metals and other cations
        "Li Na K Ca Mg Zn Al Ag Cs Rb Sr Ba Fe Bi "
        # formic, acetic, trifluoroacetic, glycolic, oxalic, propionic, lactic, malonic, maleic (fumaric, succinic),
        # malic, tartaric, citric (gluconic), glucaric, glutaric, adipic acid
        "CO2 C2O2 C2F3O2 C2O3 C2O4 C3O2 C3O3 C3O4 C4O4 C4O5 C4O6 C6O7 C6O8 C5O4 C6O4 "
        # benzoic, salicylic, gentisic, mandelic, cinnamic, hippuric, xinafoic, pamoic, lactobionic, ascorbic, orotic,
        # pyroglutamic, palmitic, stearic acid
        "C7O2 C7O3 C7O4 C8O3 C9O2 C9NO3 C11O3 C23O6 C12O12 C6O6 C5N2O4 C5NO3 C16O2 C18O2 "
        # mesylic, esylic, isethionic, edisylic, besylic, tosylic, camphorsulfonic, napsylic, napadisylic acid,
        # saccharin, cyclamic acid, methyl and lauryl sulfate
        "CO3S C2O3S C2O4S C2O6S2 C6O3S C7O3S C10O4S C10O3S C10O6S2 C7NO3S C6NO3S CO4S C12O4S "
        # methylamine, diethylamine, triethylamine, ethanolamine, diethanolamine, tromethamine, choline, meglumine,
        # piperazine, ethylenediamine, lysine, arginine, creatinine
        "CN C4N C6N C2NO C4NO2 C4NO3 C5NO C7NO5 C4N2 C2N2 C6N2O2 C6N4O2 C4N3O "
        # dimethyl sulfoxide, methanol, ethanol, acetone (propanol), propylene glycol, tetrahydrofuran, acetonitrile,
        # dimethylformamide, ethyl acetate, dichloromethane, chloroform, toluene
        "C2OS CO C2O C3O C3O2 C4O C2N C3NO C4O2 CCl2 CCl3 C7"
    )
)
"""Heavy atoms (Hill order, no hydrogen) of what goes into salts and solvates: pamoic acid outweighs some drugs."""

SPECTATORS = frozenset(["Na", "K", "Ca", "Mg", "Cl", "Br", "I", "O", "N", ""])
"""What does nothing beside an organic ion: sodium ascorbate is ascorbic acid, lithium citrate is not citric acid."""

_ATOM = re.compile(r"\[\d*(?P<bracket>[A-Z][a-z]?|[a-z]{1,2})[^\]]*\]|(?P<plain>Cl|Br|[BCNOPSFI]|[bcnops])")
_TWO = frozenset(["se", "as", "te", "si"])


def parent_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Name without the words for a salt or solvate.

    Returns
    -------
    The name in lower case, and the words taken off it, the last word first. ``Imiquimod (maleate)`` gives ``imiquimod``
    and ``maleate``. Words of `ESTERS` are taken off too: who acts on the result without a structure should say so.
    """
    plain = _BLANKS.sub(" ", name.casefold()).strip()
    rest = _FREE.sub(r"free\1", plain)
    removed: list[str] = []
    while True:
        shorter, words = _take_off(rest)
        if not words or shorter.strip("-() ") in NOT_A_PARENT or not shorter:
            return rest if removed else plain, tuple(removed)
        rest, removed = shorter, [*removed, *words]


def is_ester_word(word: str) -> bool:
    """Whether a word taken off a name may have told an ester, which is another compound."""
    return word.removeprefix("hemi") in ESTERS


def _take_off(name: str) -> tuple[str, list[str]]:
    """Take one word, or one group in parentheses, off the end."""
    found = _SUFFIX.match(name)
    if found:
        return found["rest"].strip().removesuffix(" x"), [found["word"].strip()]
    opening = _opening(name)
    if opening < 1:
        return name, []
    words = [word for word in name[opening + 1 : -1].replace(", ", " ").split(" ") if word]
    known = words and all(word == "x" or _INSIDE.match(word) for word in words)
    return (name[:opening].rstrip(" -_."), words[::-1]) if known else (name, [])


def _opening(name: str) -> int:
    """Position of the parenthesis that the last character closes; -1 where it closes none."""
    depth = 0
    for i in range(len(name) - 1, -1, -1):
        depth += (name[i] == ")") - (name[i] == "(")
        if i == len(name) - 1 and not depth:
            return -1
        if not depth:
            return i
    return -1


def heavy_atoms(smiles: str) -> Counter[str]:
    """Count the heavy atoms that a SMILES fragment writes; hydrogen is left out."""
    atoms: Counter[str] = Counter()
    for found in _ATOM.finditer(smiles):
        symbol = found["plain"] or found["bracket"]
        if symbol[0].islower() and symbol not in _TWO:
            symbol = symbol[0]  # [nH], [cH]
        symbol = symbol.capitalize()
        if symbol != "H":
            atoms[symbol] += 1
    return atoms


def formula(atoms: Counter[str]) -> str:
    """Hill order: carbon, then the others by letter; ``C4O4``."""
    order = sorted(atoms, key=lambda symbol: (symbol != "C", symbol))
    return "".join(f"{symbol}{atoms[symbol] if atoms[symbol] > 1 else ''}" for symbol in order)


def parent_fragments(atoms: Sequence[Counter[str]]) -> tuple[list[int], bool]:
    """Choose the fragment that is the compound.

    Parameters
    ----------
    atoms
        Heavy atoms of each fragment.

    Returns
    -------
    Position of the largest fragment that is no counter-ion or solvent. Where all of them are, the one organic fragment
    if the others are spectators, else every position: the salt is the compound. And whether a second fragment could be
    a compound of its own.
    """
    formulas = [formula(a) for a in atoms]
    real = [i for i, f in enumerate(formulas) if f and f not in COUNTERIONS]
    if not real:
        organic = [i for i, a in enumerate(atoms) if "C" in a]
        alone = len({formulas[i] for i in organic}) == 1 and SPECTATORS.issuperset(
            f for i, f in enumerate(formulas) if i not in organic
        )
        return organic[:1] if alone else list(range(len(atoms))), False
    best = max(real, key=lambda i: (atoms[i].total(), formulas[i], -i))
    return [best], any(formulas[i] != formulas[best] for i in real)
