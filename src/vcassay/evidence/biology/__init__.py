"""Is it learning actual biology? One file a diagnostic; importing the package fills the registry."""

from vcassay.evidence.biology import dose_response
from vcassay.evidence.biology.diagnostic import DIAGNOSTICS, diagnostic, finding

__all__ = ["DIAGNOSTICS", "diagnostic", "dose_response", "finding"]
