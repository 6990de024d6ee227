"""Identifiers of data sets, wherever they stand, and what is known of corpora."""

from __future__ import annotations

import pytest

from vcassay.evidence.leakage.given.corpora import KNOWN, held, identify, known_corpus


@pytest.mark.parametrize(
    ("text", "archive", "number"),
    [
        ("gse133344", "GSE", "GSE133344"),
        ("https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE133344", "GSE", "GSE133344"),
        ("GSE133344_RAW.tar", "GSE", "GSE133344"),
        ("SRP123456", "SRP", "SRP123456"),
        ("PRJNA551220", "project", "PRJNA551220"),
        ("E-MTAB-9467", "array", "E-MTAB-9467"),
        ("https://doi.org/10.5281/zenodo.7041849", "zenodo", "7041849"),
        ("zenodo:7041849", "zenodo", "7041849"),
        ("tahoebio/Tahoe-100M", "name", "tahoe100m"),
        ("Tahoe 100M", "name", "tahoe100m"),
    ],
)
def test_identifiers(text, archive, number):
    assert identify(text) == (archive, number)


def test_known_corpora_are_found_by_any_name_and_have_a_source():
    assert known_corpus("tahoe_x1").holds == ("Tahoe-100M",)
    assert known_corpus("scGPT").excludes_culture
    assert known_corpus("scBaseCount").mined
    assert known_corpus("something") is None
    assert all(k.source for k in KNOWN)


def test_a_data_set_is_held_by_its_name_alone():
    assert held(["GSE1", "tahoebio/Tahoe-100M"], ("Tahoe-100M",)) == "tahoebio/Tahoe-100M"
    assert held(["Replogle 2022, K562"], ("Replogle",)) == "Replogle 2022, K562"
    assert held(["GSE1", "Norman 2019"], ("Replogle",)) == ""
