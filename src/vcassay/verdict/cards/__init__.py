"""Cards of published virtual cells: what their publications report, as facts with their source."""

from vcassay.verdict.cards.shelf import card_names, cards, read_packaged

__all__ = ["card_names", "cards", "read_packaged"]
