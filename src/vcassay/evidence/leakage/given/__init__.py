"""What a model was handed: features, graphs, corpora, and choices made with the test set in view."""

__all__: list[str] = []
