"""Sources: which columns of the compound tables that the field uses hold what."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.knowledge.table import Table


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a source hold what; of several names the first that is there wins.

    Attributes
    ----------
    sign
        Columns by which the source is known.
    ids, name, smiles, inchikey, targets, moa
        Columns read.
    """

    sign: tuple[str, ...]
    ids: tuple[str, ...]
    name: tuple[str, ...] = ()
    smiles: tuple[str, ...] = ("smiles", "canonical_smiles")
    inchikey: tuple[str, ...] = ("inchikey", "inchi_key")
    targets: tuple[str, ...] = ("target", "targets")
    moa: tuple[str, ...] = ("moa", "mechanism_of_action")


PRESETS = {
    "tahoe": Columns(("drug", "moa-fine"), ("drug",), ("drug",), moa=("moa-fine", "moa-broad")),
    "jump": Columns(("broad_sample", "pert_iname"), ("broad_sample",), ("pert_iname",), targets=("target_list",)),
    "lincs": Columns(("pert_id",), ("pert_id",), ("pert_iname", "cmap_name"),
                     targets=("mergeTargets", "target"), moa=("mergeMOA", "moa")),
    "repurposing hub": Columns(("pert_iname",), ("broad_id", "pert_iname"), ("pert_iname",)),
    "moabox": Columns(("cmpd_sample_id",), ("cmpd_sample_id",)),
    "chembl": Columns(("chembl id",), ("chembl id",), ("name",), inchikey=("inchi key",),
                      targets=("target name",), moa=("mechanism of action",)),
    "chembl mechanisms": Columns(("parent molecule chembl id",), ("parent molecule chembl id",),
                                 ("parent molecule name",), targets=("target name",), moa=("mechanism of action",)),
    "chembl structures": Columns(("chembl_id",), ("chembl_id",), ("pref_name", "name"),
                                 inchikey=("standard_inchi_key",), targets=("gene_symbol", "target_pref_name")),
    "plain": Columns((), ("id", "compound_id", "name", "compound", "drug", "perturbation", "inchi_key"),
                     ("name", "compound", "drug", "perturbation"),
                     targets=("targets", "target", "gene_symbol"), moa=("moa", "mechanism_of_action", "mechanism")),
}  # fmt: skip
"""Sources in the order in which they are tried. ChEMBL's own column ``Targets`` counts them and is not read."""


def source_of(table: Table) -> str:
    """Name of the first source all of whose telling columns the table has; ``plain`` where none fits."""
    return next(name for name, columns in PRESETS.items() if all(table.which(column) for column in columns.sign))
