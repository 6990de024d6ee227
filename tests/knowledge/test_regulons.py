from __future__ import annotations

from pathlib import Path

import pytest

from vcassay.core import InputError
from vcassay.knowledge import read_regulons


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_edges_keep_direction_and_sign(tmp_path: Path) -> None:
    path = write(
        tmp_path / "collectri.tsv", "source\ttarget\tweight\nTP53\tMDM2\t1\nMYC\tCDKN1A\t-1\nMDM2\tTP53\t-0.5\n"
    )
    found = read_regulons(path, released="2023-05-31", licence="GPL")
    edges = zip(found.source, found.target, found.weight.tolist(), strict=True)
    assert list(edges) == [("MDM2", "TP53", -0.5), ("MYC", "CDKN1A", -1.0), ("TP53", "MDM2", 1.0)]
    assert (found.resource.name, found.resource.rows, found.resource.kin) == ("collectri", 3, False)


def test_edges_without_a_sign_of_their_own_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "tf,target,mor\nA,B,1\nA,B,-1\nA,C,0\nA,D,\nA,E,0.2\nA,E,0.7\n")
    found = read_regulons(path)
    assert (found.source, found.target, found.weight.tolist()) == (("A",), ("E",), [0.7])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target\nA,B\n", "weight"),
        ("source,target,weight\nA,B,up\n", "the weight 'up'"),
        ("source,target,weight\nA,,1\n", "line 2 has no target"),
        ("source,target,weight\nA,B,0\n", "no edge with a sign"),
    ],
)
def test_what_is_no_regulon_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_regulons(write(tmp_path / "r.csv", text))
