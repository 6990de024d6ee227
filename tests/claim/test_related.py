"""Kin of perturbations and contexts: found by name, structure, target and descent, and never invented."""

from __future__ import annotations

import numpy as np
import pytest

from tests.claim.builders import TEST, Row, grid, split, table
from vcassay.claim import Split, find_novelty, find_related, make_claim, make_split
from vcassay.claim.findings import claim_findings
from vcassay.core import Conditions, Regime
from vcassay.knowledge import Compounds, Features, GeneSets, Knowledge, Relations, Resource

FILE = Resource("a file", "a.tsv", "", None, "", 3)


def compounds(**rows: tuple[str, str]) -> Compounds:
    """Name to (target, mechanism)."""
    names = tuple(rows)
    blank = ("",) * len(names)
    targets = tuple((t,) if t else () for t, _ in rows.values())
    moa = tuple((m,) if m else () for _, m in rows.values())
    return Compounds(FILE, names, names, blank, blank, targets, moa)


def drugs(*rows: tuple[str, str, str]) -> Split:
    """(context, drug, role) at one dose."""
    return split([Row(c, p, r, dose=1.0) for c, p, r in rows])


class TestCompounds:
    SALTS = drugs(
        ("K", "imiquimod (maleate)", "test"),
        ("K", "imiquimod hydrochloride", "train"),
        ("K", "vorinostat", "test"),
        ("K", "trametinib", "train"),
    )

    def test_salts_of_one_name_are_kin_without_any_file(self):
        novelty = find_novelty(self.SALTS, find_related(self.SALTS.conditions))
        found = dict(
            zip(self.SALTS.conditions.take(novelty.test).perturbation.tolist(), novelty.perturbation, strict=True)
        )
        assert found == {"imiquimod (maleate)": "analogue", "vorinostat": "unseen"}
        assert "imiquimod hydrochloride" in novelty.kin
        assert "names of compounds" in novelty.compared

    def test_nothing_is_kin_where_nothing_was_compared(self):
        novelty = find_novelty(self.SALTS)
        assert set(novelty.perturbation.tolist()) == {"unseen"}
        assert novelty.compared == ""

    def test_the_claim_of_an_analogue_is_apart_and_says_so(self):
        claim = make_claim(self.SALTS, related=find_related(self.SALTS.conditions))
        assert {(s.regime, s.kind) for s in claim.strata} == {(Regime.DEX, ""), (Regime.DEX, "analogue")}
        assert "with a trained relative" in claim.sentence()
        (kin,) = [f for f in claim_findings(claim) if f.check == "C03"]
        assert (kin.status, kin.value) == ("WARN", 0.5)
        assert kin.evidence[0]["trained kin"] == "imiquimod hydrochloride"

    def test_what_only_gives_features_is_covered_and_relates_nobody(self):
        facts = Resource("net", "net.csv", "", None, "", 1, kin=False)
        whole = GeneSets(Resource("sets", "s.gmt", "", None, "", 1, kin=False), {"S": ("AA", "BB", "CC")}, {})
        pairs = Relations.make(facts, "network neighbour", ["AA"], ["BB"])
        expression = Features("expression", ("k",), np.ones((1, 1)))
        own = Conditions.make(["K", "K", "K"], ["AA", "BB", "DD"], modality=["CRISPRi"] * 3)
        known = Knowledge(relations=(pairs,), gene_sets=(whole,), context_features=(expression,))
        related = find_related(own, known)
        assert related.perturbations is None
        assert related.share == 0.0
        found = {m.resource: (len(m.found), m.unmatched) for m in related.coverage}
        assert found == {"net": (2, ("DD",)), "sets": (2, ("DD",)), "expression": (1, ())}

    def test_targets_count_in_the_hard_tier_alone(self):
        rows = [(c, p, "train") for c in "KL" for p in ("a", "b", "c", "d")]
        known = Knowledge(
            compounds=(compounds(a=("MEK1", "MEK"), b=("MEK1", "MEK"), c=("EGFR", "EGFR"), d=("", "BRD")),)
        )
        conditions = drugs(*rows).conditions
        assert find_related(conditions, known).families()["b"] == "b"
        hard = find_related(conditions, known, tier="target")
        assert hard.families() == {"a": "a", "b": "a", "c": "c", "d": "d"}
        assert hard.coverage[0].coverage().startswith("a file: matched 4 of 4 (100 %)")
        fits = {}
        for name, related in (("structure", find_related(conditions, known)), ("target", hard)):
            made = make_split(conditions, "dex", fraction=0.34, groups=related.families())
            fits[name] = {a.use: a.fit for a in make_claim(made, related=related).record().applications}["moa"]
        assert fits == {"structure": "partial", "target": "direct"}
        for seed in range(8):
            made = make_split(conditions, "dex", fraction=0.34, seed=seed, groups=hard.families())
            held = set(conditions.perturbation[made.test].tolist())
            assert ("a" in held) is ("b" in held)

    def test_structures_of_the_conditions_own_annotation(self):
        names, smiles = ["a", "b", "c"], ["CCO.Cl", "CCO", "c1ccccc1"]
        conditions = Conditions.make(["K"] * 3, names, [1.0] * 3, annotation={"smiles": smiles})
        related = find_related(conditions)
        assert related.families() == {"a": "a", "b": "a", "c": "c"}
        assert "structures of 3 of 3 compounds" in related.compared
        assert find_related(conditions, tier="name").families() == {n: n for n in names}


class TestGenes:
    PAIRS = Relations.make(FILE, "paralog", ["A", "B"], ["B", "C"])

    def test_partners_are_kin_but_not_partners_of_partners(self):
        made = split([*grid("K", "AD"), *grid("K", "BC", role=TEST)])
        related = find_related(made.conditions, Knowledge(relations=(self.PAIRS,)))
        novelty = find_novelty(made, related)
        assert dict(zip("BC", novelty.perturbation.tolist(), strict=True)) == {"B": "analogue", "C": "unseen"}
        assert related.families() == {"A": "A", "B": "A", "C": "A", "D": "D"}  # a split keeps the chain together

    def test_members_of_one_complex_are_all_kin(self):
        sets = GeneSets(FILE, {"complex": ("A", "B", "C")}, {})
        made = split([*grid("K", "AD"), *grid("K", "BC", role=TEST)])
        novelty = find_novelty(made, find_related(made.conditions, Knowledge(gene_sets=(sets,))))
        assert set(novelty.perturbation.tolist()) == {"analogue"}

    def test_a_combination_is_no_analogue(self):
        made = split([*grid("K", "AD"), Row("K", "B+D", TEST)])
        novelty = find_novelty(made, find_related(made.conditions, Knowledge(relations=(self.PAIRS,))))
        assert novelty.perturbation.tolist() == ["1 of 2 parts seen"]

    def test_no_gene_is_compared_without_relations(self):
        related = find_related(table(grid("K", "AB")))
        assert related.perturbations is None
        assert related.compared == ""


class TestContexts:
    KNOWN = Knowledge(siblings=(("HEK293", "HEK293T", "HEK293FT"),))

    def test_a_sibling_is_no_unseen_context(self):
        made = split(
            [Row(c, p) for c in ("HEK293", "K562") for p in "AB"]
            + [Row(c, p, TEST) for c in ("HEK293T", "RPE1") for p in "AB"]
        )
        claim = make_claim(made, related=find_related(made.conditions, self.KNOWN))
        assert {(s.regime, s.kind, len(s.at)) for s in claim.strata} == {
            (Regime.CEX, "sibling", 2),
            (Regime.CEX, "", 2),
        }
        assert "1 context that it knows by a sibling" in claim.sentence()
        assert any("without a sibling" in s.sentence for s in claim.does_not_support())
        (kin,) = [f for f in claim_findings(claim) if f.check == "C03"]
        assert kin.status == "WARN"
        assert "descent" in kin.sentence

    def test_kin_of_kin_counts_even_if_it_was_not_measured(self):
        made = split([Row("HEK293FT", "A"), Row("HEK293", "A", TEST)])
        novelty = find_novelty(made, find_related(made.conditions, self.KNOWN))
        assert novelty.context.tolist() == ["sibling"]

    def test_a_split_keeps_siblings_together(self):
        conditions = table([Row(c, p) for c in ("HEK293", "HEK293T", "K562", "RPE1") for p in "AB"])
        together = find_related(conditions, self.KNOWN).together()
        assert together == (("HEK293", "HEK293T"),)
        for make, more in (("cex", {}), ("few-shot", {"shots": 1}), ("aex", {})):
            for seed in range(6):
                made = make_split(conditions, make, fraction=0.5, seed=seed, together=together, **more)
                held = set(conditions.context[made.test].tolist())
                assert ("HEK293" in held) is ("HEK293T" in held)


def test_a_clean_split_raises_no_alarm():
    rng = np.random.default_rng(0)
    for seed in range(20):
        names = [f"compound-{''.join(rng.choice(list('bcdfgklmn'), 6))}" for _ in range(30)]
        rows = [(c, p, "train") for c in "KLM" for p in dict.fromkeys(names)]
        conditions = drugs(*rows).conditions
        made = make_split(conditions, "dex", seed=seed)
        claim = make_claim(made, declared=Regime.DEX, related=find_related(conditions))
        status = {f.check: f.status.value for f in claim_findings(claim)}
        assert status == {"C01": "PASS", "C02": "PASS", "C03": "UNKNOWN"}  # compared by name alone


def test_no_kin_among_what_was_compared_is_a_pass_and_only_of_the_axis_that_is_new():
    pairs = Relations.make(FILE, "paralog", ["A", "C", "E"], ["B", "D", "F"])
    known = Knowledge(relations=(pairs,))
    gex = split([*grid("KL", "ABCD"), *grid("KL", "EF", role=TEST)])
    (c03,) = [
        f for f in claim_findings(make_claim(gex, related=find_related(gex.conditions, known))) if f.check == "C03"
    ]
    assert c03.status == "PASS"
    assert "paralog (a file) of 6 of 6 genes" in c03.sentence
    cex = split([*grid("KL", "ABCD"), *grid("M", "ABCD", role=TEST)])
    (c03,) = [
        f for f in claim_findings(make_claim(cex, related=find_related(cex.conditions, known))) if f.check == "C03"
    ]
    assert c03.status == "UNKNOWN"
    assert "contexts" in c03.sentence


@pytest.mark.parametrize("n", [379, 2000])
def test_large_tables_of_names_are_compared_in_time(n):
    conditions = drugs(*(("K", f"drug{i}", "train") for i in range(n))).conditions
    assert len(find_related(conditions).families()) == n
