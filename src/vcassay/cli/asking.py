"""Asking: plain questions, one line each, answered at a terminal or from a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from typing import TextIO

from vcassay.core.errors import did_you_mean

NONE = "none"
HELP, BACK = "?", "<"
NEEDED = "Any text; a card cannot do without it."
FREE = "Any text; empty: not said."
YES, NO = ("y", "yes"), ("n", "no", "")


class Stopped(Exception):  # noqa: N818
    """The answers ended before one that is needed."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Again(Exception):  # noqa: N818
    """The answerer goes back: all is asked anew, and what was answered before is taken from memory."""


class Asker:
    """Asks questions of whoever answers.

    ``?`` explains a question, ``<`` goes back to the one before.

    Parameters
    ----------
    source, target
        Where answers come from and questions go. At the end of the source every answer is empty, so that a pipe may
        hold the first answers alone.
    """

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self.source, self.target = source, target
        self.ended = False
        self.given: list[str] = []
        self.memory: list[str] = []

    def again(self) -> None:
        """Begin anew after `Again`, with all answers from memory but the last."""
        self.memory, self.given = self.given[:-1], []

    def tell(self, text: str) -> None:
        """Print a line, but where answers come from memory."""
        if not self.memory:
            print(text, file=self.target)

    def _answer(self, prompt: str) -> str:
        if self.memory:
            self.given.append(self.memory.pop(0))
            return self.given[-1]
        answer = self._read(prompt)
        if answer == BACK and self.given:
            raise Again
        if answer not in (BACK, HELP):
            self.given.append(answer)
        return answer

    def _read(self, prompt: str) -> str:
        print(f"{prompt}: ", end="", file=self.target, flush=True)
        line = "" if self.ended else self.source.readline()
        if not line and not self.ended:
            self.ended = True
        if self.ended or not self.source.isatty():
            print(line.strip(), file=self.target)  # what was read from a pipe stands beside its question
        return line.strip()

    def text(self, question: str, *, required: bool = False, explain: str = FREE) -> str:
        """A line of text; empty where nothing is said.

        Parameters
        ----------
        explain
            What ``?`` tells.

        Raises
        ------
        Stopped
            If it is required and the answers have ended.
        """
        while True:
            answer = self._answer(question)
            if answer in (HELP, BACK):
                told = NEEDED if required and explain == FREE else explain
                self.tell(f"  {told}" if answer == HELP else "  This is the first question.")
                continue
            if answer or not required:
                return answer
            self._missing(question)

    def names(
        self, question: str, *, required: bool = False, known: Iterable[str] = (), explain: str = ""
    ) -> list[str] | None:
        """Names with commas between them; ``None`` where nothing is said, an empty list for ``none``.

        Parameters
        ----------
        known
            Names that ``?`` lists; others are taken too.

        Raises
        ------
        Stopped
            If they are required and the answers have ended.
        """
        told = f"Known by name: {', '.join(known)}; any other words are taken too." if known else explain
        answer = self.text(
            question, required=required, explain=told or f"Names with commas; '{NONE}': there were none."
        )
        if not answer:
            return None
        return [] if answer.casefold() == NONE else [name.strip() for name in answer.split(",") if name.strip()]

    def choice(self, question: str, known: Mapping[str, str] | Iterable[str], default: str) -> str:
        """One of several words; ``?`` lists them."""
        told = dict(known) if isinstance(known, Mapping) else dict.fromkeys(known, "")
        shown = f" [{default}]" if default else " ['?' lists them; empty: not said]"
        while True:
            answer = self._answer(f"{question}{shown}")
            if answer == BACK:
                continue
            if answer == HELP:
                for name, what in told.items():
                    self.tell(f"  {name}{': ' + what if what else ''}")
                continue
            found = next((name for name in told if name.casefold() == answer.casefold()), None)
            if found is not None or not answer:
                return default if found is None else found
            self.tell(f"'{answer}' is none of them; {did_you_mean(answer, told)}")
            if self.ended:
                return default

    def number(
        self,
        question: str,
        *,
        whole: bool = False,
        required: bool = False,
        between: tuple[float, float] = (-inf, inf),
    ) -> float | int | None:
        """A finite number within limits; ``None`` where nothing is said.

        Raises
        ------
        Stopped
            If it is required and the answers have ended.
        """
        while True:
            answer = self._answer(question)
            if answer in (HELP, BACK):
                self.tell(f"  A {'whole number' if whole else 'number'}; empty: not said.")
                continue
            if not answer and not required:
                return None
            if answer:
                try:
                    value = int(answer) if whole else float(answer)
                except ValueError:
                    self.tell(f"'{answer}' is no {'whole number' if whole else 'number'}")
                    continue
                if isfinite(value) and between[0] <= value <= between[1]:
                    return value
                self.tell(f"'{answer}' is out of range")
                continue
            self._missing(question)

    def yes(self, question: str) -> bool:
        """Yes or no; no where nothing is said."""
        while True:
            answer = self._answer(f"{question} [y/N]").casefold()
            if answer in (HELP, BACK):
                self.tell("  y or n; empty: no.")
                continue
            if answer in (*YES, *NO):
                return answer in YES
            self.tell(f"'{answer}' is neither y nor n")

    def _missing(self, question: str) -> None:
        if self.ended:
            raise Stopped(f"'{question}' is not answered")
        self.tell("This is needed.")
