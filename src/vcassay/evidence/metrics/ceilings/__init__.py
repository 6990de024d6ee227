"""Ceilings: the best that can be reached, what a replicate reaches, and what noise hides."""
