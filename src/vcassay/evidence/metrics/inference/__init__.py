"""Inference: how answers compare, and how sure that is."""
