"""Is it learning actual biology? A folder a question, a file a diagnostic; importing this fills the registry."""

from vcassay.evidence.biology import attribution, dose, mechanism, modality, pathway, specificity, stress, universal
from vcassay.evidence.biology.bench import Arm, Bench, make_bench
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS, diagnostic, finding, room_of

__all__ = [
    "DIAGNOSTICS",
    "Arm",
    "Bench",
    "attribution",
    "diagnostic",
    "dose",
    "finding",
    "make_bench",
    "mechanism",
    "modality",
    "pathway",
    "room_of",
    "specificity",
    "stress",
    "universal",
]
