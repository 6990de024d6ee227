"""Column names in use: for each of our fields, what published files call it, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preset:
    """The columns of one family of files.

    Attributes
    ----------
    name
        The family.
    marks
        Sets of columns; a file that has all of one set is taken for the family.
    columns
        Our field to their columns, in order.
    absent
        Columns that the family never has.
    control
        Its control labels.
    delimiter
        What joins its combinations; ``None`` where labels are never split, empty where unknown.
    """

    name: str
    marks: tuple[frozenset[str], ...]
    columns: Mapping[str, tuple[str, ...]]
    absent: frozenset[str] = frozenset()
    control: tuple[str, ...] = ()
    delimiter: str | None = ""
    source: str = field(default="", compare=False)

    def fits(self, columns: Collection[str]) -> bool:
        """Tell whether a file with these obs columns is of the family."""
        have = set(columns)
        return any(mark <= have for mark in self.marks) and not self.absent & have


def _sets(*marks: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(mark.split()) for mark in marks)


PRESETS = (
    Preset(
        "Tahoe-100M",
        _sets("drugname_drugconc", "drug cell_line_id", "drug cell_name plate"),
        {
            "perturbation": ("drugname_drugconc", "drug"),
            "context": ("cell_line_id", "cell_name", "cell_line"),
            "batch": ("plate", "sample"),
            "target": ("targets",),
            "moa": ("moa-fine", "moa-broad"),
            "smiles": ("canonical_smiles",),
        },
        control=("[('DMSO_TF', 0.0, 'uM')]", "DMSO_TF"),
        delimiter=None,
        source="card of the Tahoe-100M data set",
    ),
    Preset(
        "OP3",
        _sets("sm_name"),
        {
            "perturbation": ("sm_name",),
            "context": ("cell_type",),
            "batch": ("plate_name", "library_id", "donor_id"),
            "dose": ("dose_uM",),
            "time": ("timepoint_hr",),
            "smiles": ("SMILES",),
        },
        control=("Dimethyl Sulfoxide",),
        delimiter=None,
        source="Open Problems, perturbation prediction task",
    ),
    Preset(
        "CELLxGENE",
        _sets("genetic_perturbation_id"),
        {
            "perturbation": ("genetic_perturbation_id",),
            "context": ("cell_line", "tissue_ontology_term_id", "cell_type_ontology_term_id", "cell_type"),
            "batch": ("donor_id",),
            "modality": ("genetic_perturbation_strategy", "perturbation_types"),
        },
        delimiter=" || ",
        source="CELLxGENE schema 7",
    ),
    Preset(
        "scPerturb",
        _sets(
            "perturbation nperts",
            "perturbation perturbation_2",
            "perturbation percent_mito",
            "perturbation ncounts celltype",
        ),
        {
            "perturbation": ("perturbation",),
            "context": ("cell_line", "celltype", "tissue_type"),
            "batch": ("batch", "replicate", "library"),
            "dose": ("dose_value",),
            "time": ("time",),
            "modality": ("perturbation_type",),
            "target": ("target",),
        },
        control=("control",),
        source="scPerturb's processing scripts",
    ),
    Preset(
        "Virtual Cell Challenge",
        _sets("target_gene"),
        {"perturbation": ("target_gene",), "batch": ("batch",)},
        absent=frozenset({"perturbation", "condition"}),
        control=("non-targeting",),
        source="Virtual Cell Challenge 2025",
    ),
    Preset(
        "PerturBench",
        _sets("perturbation cell_type condition", "perturbation cell_type treatment"),
        {
            "perturbation": ("perturbation",),
            "context": ("cell_type",),
            "modality": ("perturbation_type",),
        },
        control=("control",),
        delimiter="+",
        source="PerturBench, data curation notebooks",
    ),
    Preset(
        "State / cell-eval",
        _sets("gene gem_group", "pert_name cell_type", "target_gene cell_type"),
        {
            "perturbation": ("pert_name", "target_gene", "gene"),
            "context": ("cell_type", "cell_line"),
            "batch": ("gem_group", "batch_var", "batch"),
        },
        absent=frozenset({"perturbation", "condition"}),
        control=("non-targeting",),
        source="cell-load and cell-eval defaults",
    ),
    Preset(
        "GEARS",
        _sets("condition condition_name", "condition dose_val", "condition cell_type"),
        {"perturbation": ("condition",), "context": ("cell_type",)},
        absent=frozenset({"perturbation"}),
        control=("ctrl",),
        delimiter="+",
        source="GEARS data loader",
    ),
)
"""Families, the most telling first."""

GENERIC: Mapping[str, tuple[str, ...]] = {
    "perturbation": (
        *("perturbation", "perturbation_name", "condition", "target_gene", "gene_target", "gene", "drug", "drug_name"),
        *("compound", "compound_name", "treatment", "pert_iname", "pert_name", "cmap_name", "product_name", "sm_name"),
        *("cytokine", "ligand", "guide_target", "guide_identity", "perturbations", "pert_id", "pert"),
    ),
    "context": (
        *("context", "cell_line", "cell_type", "celltype", "cell_line_id", "cell_name", "cell_iname", "cell_id"),
        *("cellline", "cell", "line", "donor_id", "donor", "patient_id", "patient", "tissue_type", "tissue"),
    ),
    "batch": (
        *("batch", "plate", "plate_name", "gem_group", "gemgroup", "library", "library_id", "lane", "replicate"),
        *("donor_id", "donor", "sample", "sample_id", "run", "det_plate", "rna_plate", "channel"),
    ),
    "dose": (
        *("dose_uM", "dose_um", "dose_nM", "dose_nm", "dose_mM", "dose_value", "dose_val", "dose", "pert_dose"),
        *("concentration_uM", "concentration", "conc", "drug_dose", "drug_concentration"),
    ),
    "time": (
        *("time_h", "time_hr", "time_hours", "timepoint_hr", "timepoint_h", "time", "timepoint", "time_point"),
        *("pert_time", "hours", "duration"),
    ),
    "modality": ("perturbation_type", "modality", "pert_type", "perturbation_modality", "perturbation_types"),
    "target": ("target", "target_gene", "targets", "drug_targets", "gene_target"),
    "moa": ("moa", "moa-fine", "moa_fine", "moa-broad", "moa_broad", "mechanism_of_action"),
    "smiles": ("smiles", "SMILES", "canonical_smiles"),
}
"""Names tried for a field that the family does not name, or where no family fits."""

ANNOTATIONS = ("target", "moa", "smiles")
"""Fields that end up in ``Design.annotation``."""
CONTROL_FLAGS = ("is_control", "control", "is_ctrl", "is_vehicle", "is_dmso")
"""Columns of true and false that mark control rows."""
UNIT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "dose": ("dose_unit", "pert_dose_unit", "concentration_unit", "dose_units"),
    "time": ("time_unit", "pert_time_unit", "time_units"),
}
"""Columns that state a unit."""
COUNT_LAYERS = ("counts", "raw_counts", "raw", "umi")
"""Layers that hold raw counts, where X does not."""


def find_preset(columns: Collection[str]) -> Preset | None:
    """The first family that a file with these obs columns fits, or none."""
    return next((preset for preset in PRESETS if preset.fits(columns)), None)


def candidates(field_name: str, columns: Collection[str], preset: Preset | None) -> list[str]:
    """Columns of the file that may be one of our fields, the most likely first."""
    own = preset.columns.get(field_name, ()) if preset is not None else ()
    names = dict.fromkeys((*own, *GENERIC[field_name]))
    exact = [name for name in names if name in columns]
    folded = {str(c).casefold(): str(c) for c in columns}
    return exact + [folded[n.casefold()] for n in names if n.casefold() in folded and folded[n.casefold()] not in exact]
