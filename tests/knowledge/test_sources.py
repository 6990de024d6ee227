from __future__ import annotations

from vcassay.knowledge.sources import PRESETS, source_of
from vcassay.knowledge.table import read_table


def test_a_source_is_known_by_all_of_its_signs_and_else_plain(write):
    assert source_of(read_table(write("a.csv", "drug,MOA-fine\nx,y\n"))) == "tahoe"
    assert source_of(read_table(write("b.csv", "drug,moa\nx,y\n"))) == "plain"


def test_every_source_signs_with_a_column_that_it_reads_and_plain_comes_last():
    for name, columns in PRESETS.items():
        read = {*columns.ids, *columns.name, *columns.smiles, *columns.inchikey, *columns.targets, *columns.moa}
        assert {sign.lower() for sign in columns.sign} <= {column.lower() for column in read}, name
    assert list(PRESETS)[-1] == "plain"
