"""Prior resources that a user hands in; knows no screen."""

from dataclasses import dataclass

from vcassay.knowledge.contexts import Siblings, join_pairs, read_siblings
from vcassay.knowledge.features import Features, read_features


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything handed in under ``[knowledge]``.

    Attributes
    ----------
    features
        Prior features of perturbations.
    siblings
        Groups of related contexts.
    """

    features: tuple[Features, ...] = ()
    siblings: Siblings = ()


__all__ = ["Features", "Knowledge", "Siblings", "join_pairs", "read_features", "read_siblings"]
