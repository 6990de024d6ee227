"""Effects on the scale of rates, on which parts of different depth are compared (`vcassay.effects.linear`)."""

from vcassay.effects.linear import LinearEffects, linear_sizes

__all__ = ["LinearEffects", "linear_sizes"]
