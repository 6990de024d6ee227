"""Is it learning actual biology? A folder a question, a file a diagnostic; importing this fills the registry."""

from vcassay.evidence.biology import attribution, dose, mechanism, modality, pathway, specificity, stress, universal
from vcassay.evidence.biology.bench import Arm, Bench, make_bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS, diagnostic, finding, room_of
from vcassay.evidence.biology.tested import Tested

__all__ = [
    "DIAGNOSTICS",
    "Arm",
    "Bench",
    "Contrast",
    "Tested",
    "Wording",
    "attribution",
    "diagnostic",
    "dose",
    "finding",
    "judge",
    "make_bench",
    "mechanism",
    "modality",
    "not_assessable",
    "pathway",
    "room_of",
    "specificity",
    "stress",
    "universal",
]
