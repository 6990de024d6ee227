"""Mistakes in a card: one sentence with the file, the key and a mend."""

from __future__ import annotations

from typing import Any

import pytest

from tests.run.review_cards import ideal, read
from vcassay.core import InputError
from vcassay.run.review import read_card

MISTAKES: dict[str, tuple[str, tuple[str, ...]]] = {
    'name = "a"\nevidnce = "read"': ("evidnce", ("unknown key", "did you mean 'evidence'?")),
    'evidence = "read"': ("name", ("lacks the key",)),
    '[[benchmark]]\ndataset = "x"\nmetriks = ["a"]': ("metriks", ("[[benchmark]]", "did you mean 'metrics'?")),
    '[[benchmark]]\ndataset = "x"\n[[benchmark.results]]\nmetric = "a"\nvalu = 1': ("valu", ("did you mean 'value'?",)),
    '[[benchmark]]\ndataset = "x"\nprotocol = "state-tahoe-fewshott"': ("state-tahoe", ("'state-tahoe-fewshot'?",)),
    '[[benchmark]]\ndataset = "x"\nmetrics = [{name = "a", metric = "pearson_delt"}]': ("pearson", ("metrics",)),
    '[[benchmark]]\ndataset = "x"\nbaselines = [{name = "a", baseline = "ridg"}]': ("ridg", ("did you mean 'ridge'?",)),
    '[[benchmark]]\ndataset = "x"\n[[benchmark.results]]\nmetric = "PDS"\nvalue = 1.0': ("PDS", ("under metrics",)),
    '[[leakage]]\ncheck = "L99"\nstatus = "found"\nsentence = "s"': ("L99", ("[[leakage]]",)),
    '[[diagnostic]]\nroom = "dosis"\nshown = "measured"\nsentence = "s"': ("dosis", ("room",)),
    '[publication]\nsource = "nowhere"': ("nowhere", ("[[source]]",)),
    '[disclosure]\npriors = [{name = "GO", kynd = "text"}]': ("kynd", ("did you mean 'kind'?",)),
    '[[benchmark]]\ndataset = "x"\nmetrics = ["a"]\n[[benchmark.results]]\nmetric = "a"\nvalue = nan': (
        "value",
        ("is not finite", "[[benchmark.results]]"),
    ),
    "year = [": ("TOML", ("mend that line",)),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_get_one_sentence_with_the_file_and_a_mend(text: str, tmp_path: Any) -> None:
    head = 'name = "a"\nevidence = "read"\n' if not text.startswith(("name", "evidence")) else ""
    path = tmp_path / "card.toml"
    path.write_text(f'{head}confidence = "low"\n{_before(text)}\n', encoding="utf-8")
    key, words = MISTAKES[text]
    with pytest.raises(InputError) as caught:
        read_card(path)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert key in told
    assert all(w in told for w in words)
    assert "\n" not in told
    assert "pydantic" not in told


def _before(text: str) -> str:
    """The text with a claim, which must not stand before keys of the card itself."""
    return f'{text}\n[claim]\ntext = "t"' if "[" not in text.split("\n")[0] else f'[claim]\ntext = "t"\n{text}'


def test_an_unknown_use_is_named() -> None:
    data = ideal()
    data["claim"]["use"] = "targetid"
    with pytest.raises(InputError, match=r"no use is called 'targetid'.*did you mean 'target-id'"):
        read(data)
