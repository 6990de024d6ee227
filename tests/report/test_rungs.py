"""Every rung is in one group."""

from __future__ import annotations

from tests.report.conftest import Planted
from tests.report.story import _rung
from vcassay.report import render_markdown
from vcassay.report.rungs import BARRED, MUST_LOSE, group_rungs


def names(group):
    return [b.name for b in group.rungs]


def test_every_rung_is_in_one_group(planted: Planted) -> None:
    more = (
        _rung("shuffled", "Ridge, shuffled", "T3", kind="sabotage", why="must lose"),
        _rung("idle", "Ridge, idle", "T3", kind="sabotage", why="nothing to destroy", ran=False),
    )
    record = planted.record.model_copy(update={"baselines": (*planted.record.baselines, *more)})
    groups = group_rungs(record)
    every = [n for g in (*groups.tiers, groups.references, groups.losers, groups.barred) for n in names(g)]
    assert sorted(every) == sorted(b.name for b in record.baselines)
    assert names(groups.losers) == ["cell_count_probe", "shuffled"]
    assert names(groups.references) == ["replicate"]
    assert names(groups.barred) == ["perturbed_mean_oracle", "moa_mean", "idle"]
    assert [g.title[:2] for g in groups.tiers] == ["T0", "T1", "T2", "T3"]
    assert all(b.legal and b.kind == "baseline" for g in groups.tiers for b in g.rungs)


def test_markdown_keeps_them_apart(planted: Planted) -> None:
    text = render_markdown(planted.record)
    legal, losers, barred = (text.index(x) for x in ("## Stage 2b", f"### {MUST_LOSE}", f"### {BARRED}"))
    assert legal < text.index("| Additive: context + drug |") < losers
    assert losers < text.index("| Cell count of the test template |") < barred
    assert barred < text.index("| Mean effect in the test line |")
