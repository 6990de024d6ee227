from __future__ import annotations

import hashlib
from datetime import date, datetime

import pytest

from vcassay.core import InputError
from vcassay.knowledge.resource import as_day, describe


def test_a_resource_keeps_hash_and_release(write):
    path = write("sets.gmt.gz", "a\tb\tc\n")
    facts = describe(path, 1, released="2021-05-31", licence="CC BY 4.0")
    assert (facts.name, facts.rows, facts.licence) == ("sets", 1, "CC BY 4.0")
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.later_than(date(2021, 5, 30)) is True
    assert facts.later_than(date(2021, 5, 31)) is False


def test_an_unknown_release_answers_no_temporal_question(write):
    facts = describe(write("x.csv", "a\n1\n"), 1, name="mine")
    assert facts.name == "mine"
    assert facts.released is None
    assert facts.later_than(date(2020, 1, 1)) is None


@pytest.mark.parametrize("value", ["2021-05-31", "20210531", date(2021, 5, 31), datetime(2021, 5, 31, 12)])
def test_days_are_read_in_every_spelling(value):
    assert as_day(value, "here") == date(2021, 5, 31)


@pytest.mark.parametrize("value", [None, "", " "])
def test_no_day_is_none(value):
    assert as_day(value, "here") is None


def test_what_is_no_day_is_refused():
    with pytest.raises(InputError, match=r"here: has the release date 'May 2021'; write the day of release as 2021"):
        as_day("May 2021", "here")
