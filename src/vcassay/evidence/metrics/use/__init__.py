"""Use: what choosing by a model's rankings is worth."""
