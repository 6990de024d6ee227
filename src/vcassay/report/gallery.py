"""Gallery: the figures of an assessment by name, as Altair charts to look at and to restyle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from vcassay.core import Panel
from vcassay.core.errors import did_you_mean
from vcassay.report.blocks import all_blocks
from vcassay.report.figures import Figure
from vcassay.report.tables import read_stored


class Gallery(Mapping[str, Figure]):
    """Figures by name, in the order of the page.

    Attributes
    ----------
    study
        What was assessed.
    """

    def __init__(self, study: str, figures: list[Figure]) -> None:
        self.study = study
        self._figures = {figure.name: figure for figure in figures}

    def __getitem__(self, name: str) -> Figure:
        if name not in self._figures:
            raise KeyError(f"no figure is called '{name}': {did_you_mean(name, self._figures)}")
        return self._figures[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def panel(self) -> Panel:
        """What there is to look at."""
        rows = [(figure.name, figure.title, figure.model or "") for figure in self._figures.values()]
        return Panel(f"{len(rows)} figures of {self.study}", columns=("name", "shows", "model"), rows=rows, whole=True)

    def __repr__(self) -> str:
        return self.panel().text()

    def _repr_html_(self) -> str:
        return self.panel().html()


def figures(folder: str | Path) -> Gallery:
    """Read the figures of an assessment directory.

    ``figures(folder)["ladder-..."].chart()`` is an Altair chart with its data: restyle it, or save it as SVG.

    Raises
    ------
    InputError
        If the directory holds no assessment that this version can read.
    """
    stored = read_stored(Path(folder))
    return Gallery(stored.record.study, [figure for block in all_blocks(stored) for figure in block.figures])
