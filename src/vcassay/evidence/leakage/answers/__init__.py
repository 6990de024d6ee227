"""What a model's answers show: copies, look-ups, inputs that do not matter."""

from vcassay.evidence.leakage.answers import copies, lookup, panel, shortcut

__all__ = ["copies", "lookup", "panel", "shortcut"]
