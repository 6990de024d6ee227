"""The registry: what is registered wrongly is refused at once, with a hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vcassay.core import PluginError, Registry
from vcassay.core.registry import call


def cosine(effects: float, predictions: float, tolerance: float = 1e-12) -> float:
    """Cosine between rows,
    over the scored genes.

    More about it.
    """
    return effects * predictions + tolerance


@pytest.fixture
def registry() -> Registry[Callable[..., Any]]:
    registry: Registry[Callable[..., Any]] = Registry("metric", ["effects", "predictions", "claim"])
    registry.register("cosine", cosine, source="the textbook", direction="up")
    return registry


def test_an_entry_holds_what_the_catalogue_says(registry: Registry[Callable[..., Any]]) -> None:
    entry = registry["cosine"]
    assert entry.name == "cosine"
    assert entry.summary == "Cosine between rows, over the scored genes."
    assert entry.source == "the textbook"
    assert entry.arguments == ("effects", "predictions")
    assert entry.meta == {"direction": "up"}
    assert entry.obj is cosine


def test_register_gives_the_object_back(registry: Registry[Callable[..., Any]]) -> None:
    assert registry.register("other", cosine, source="") is cosine


def test_call_hands_over_what_is_asked_for_by_name(registry: Registry[Callable[..., Any]]) -> None:
    provided = {"effects": 2.0, "predictions": 3.0, "claim": None, "tolerance": 99.0}
    assert call(registry["cosine"], provided) == 6.0 + 1e-12


def test_a_misspelt_argument_is_refused_with_a_suggestion(registry: Registry[Callable[..., Any]]) -> None:
    def wrong(efects: float) -> float:
        """Misspell."""
        return efects

    with pytest.raises(PluginError, match=r"'wrong' asks for 'efects', which nobody .* did you mean 'effects'"):
        registry.register("wrong", wrong, source="")
    assert "wrong" not in registry


def test_open_arguments_are_refused(registry: Registry[Callable[..., Any]]) -> None:
    def greedy(**everything: float) -> float:
        """Take all."""
        return 0.0 * len(everything)

    with pytest.raises(PluginError, match="asks for 'everything'"):
        registry.register("greedy", greedy, source="")


def test_a_class_is_asked_by_its_constructor(registry: Registry[Callable[..., Any]]) -> None:
    class Good:
        """A class."""

        def __init__(self, claim: str) -> None:
            self.claim = claim

    registry.register("good", Good, source="")
    assert registry["good"].arguments == ("claim",)
    assert call(registry["good"], {"claim": "x", "effects": 1}).claim == "x"


def test_a_name_is_given_once(registry: Registry[Callable[..., Any]]) -> None:
    with pytest.raises(PluginError, match="metric 'cosine' is registered twice"):
        registry.register("cosine", cosine, source="")


def test_a_docstring_is_required(registry: Registry[Callable[..., Any]]) -> None:
    with pytest.raises(PluginError, match="metric 'bare' has no docstring"):
        registry.register("bare", lambda effects: effects, source="")


def test_an_unknown_name_is_met_with_a_suggestion(registry: Registry[Callable[..., Any]]) -> None:
    with pytest.raises(PluginError, match=r"no metric is called 'cosin': did you mean 'cosine'\?"):
        registry["cosin"]
    with pytest.raises(PluginError, match="no metric is called 'zzz': known: cosine"):
        registry["zzz"]


def test_entries_come_by_name(registry: Registry[Callable[..., Any]]) -> None:
    for name in ("b", "a", "d"):
        registry.register(name, cosine, source="")
    assert [entry.name for entry in registry] == ["a", "b", "cosine", "d"]
    assert len(registry) == 4
    assert "a" in registry
    assert "z" not in registry


def test_without_a_vocabulary_arguments_are_not_looked_at() -> None:
    free: Registry[Any] = Registry("dataset")
    free.register("cosine", cosine, source="")
    assert free["cosine"].arguments == ()
