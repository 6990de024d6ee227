"""Distances on cells: perfect, wrong and broken predictions; equal n; the same in any order of cells and genes."""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays import threads
from vcassay.arrays.pca import fit_components, project
from vcassay.effects import distances
from vcassay.effects.distances import CellDistances, Kind, cell_distances

CONDITIONS, CELLS, GENES = 24, 60, 40
KINDS: tuple[Kind, ...] = get_args(Kind)


class Planted(NamedTuple):
    """Cells that share programmes, and what each condition does to them."""

    base: np.ndarray
    programmes: np.ndarray
    effect: np.ndarray

    def draw(self, rng: np.random.Generator, code: np.ndarray) -> np.ndarray:
        """log1p of counts; controls where the code is negative."""
        rate = np.where(code[:, None] >= 0, self.effect[code], 0.0) + self.base
        return np.log1p(rng.poisson(np.exp(rate + rng.normal(size=(len(code), 3)) @ self.programmes)).astype(float))


@pytest.fixture(scope="module")
def planted() -> Planted:
    rng = np.random.default_rng(0)
    effect = rng.normal(size=(CONDITIONS, GENES)) * (rng.random((CONDITIONS, GENES)) < 0.4)
    return Planted(rng.normal(0.5, 0.5, GENES), 0.4 * rng.normal(size=(3, GENES)), effect)


@pytest.fixture(scope="module")
def code() -> np.ndarray:
    return np.repeat(np.arange(CONDITIONS), CELLS)


@pytest.fixture(scope="module")
def cells(planted: Planted, code: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, controls, and a perfect model's answer."""
    rng = np.random.default_rng(1)
    return planted.draw(rng, code), planted.draw(rng, np.full(800, -1)), planted.draw(rng, code)


def measured(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray],
    code: np.ndarray,
    kind: Kind = "energy",
    predictions: list[np.ndarray] | None = None,
    **options: object,
) -> CellDistances:
    truth, control, perfect = cells
    answers = [perfect] if predictions is None else predictions
    options = {"rng": np.random.default_rng(2), "components": 10, **options}
    return cell_distances(truth, code, answers, [code] * len(answers), control, kind=kind, **options)  # type: ignore[arg-type]


def same(a: CellDistances, b: CellDistances, atol: float = 0.0) -> None:
    for name in ("value", "floor", "spread", "corrected", "control", "control_corrected"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=0, atol=atol)
    np.testing.assert_array_equal(a.n_cells, b.n_cells)
    np.testing.assert_array_equal(a.reason, b.reason)


@pytest.mark.parametrize("kind", KINDS)
def test_perfect_control_copy_and_collapsed_models(
    planted: Planted, cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray, kind: Kind
) -> None:
    truth, _, perfect = cells
    copy = planted.draw(np.random.default_rng(3), np.full(len(code), -1))
    means = np.stack([truth[code == c].mean(axis=0) for c in range(CONDITIONS)])[code]
    found = measured(cells, code, kind, [perfect, copy, means])
    assert (found.n_cells == CELLS // 2).all()
    assert (found.reason == "").all()
    error = found.corrected.std(axis=1) / np.sqrt(CONDITIONS)
    assert abs(found.corrected[0].mean()) < 3 * error[0]
    assert found.control_corrected.mean() > 10 * error[0]
    assert found.corrected[1].mean() == pytest.approx(found.control_corrected[1].mean(), abs=4 * error[1])
    assert found.corrected[2].mean() > 5 * error[0]  # the right means without any spread
    assert np.nanmedian(found.skill()[0]) > 0.9
    assert abs(np.nanmedian(found.skill()[1])) < 0.2
    np.testing.assert_array_equal(found.floor[0], found.floor[2])


@pytest.mark.parametrize("kind", KINDS)
def test_no_effect_no_skill(planted: Planted, code: np.ndarray, kind: Kind) -> None:
    rng = np.random.default_rng(4)
    nothing = np.full(len(code), -1)
    null = planted.draw(rng, nothing), planted.draw(rng, np.full(800, -1)), planted.draw(rng, nothing)
    found = measured(null, code, kind)
    for values in (found.corrected, found.control_corrected):
        assert abs(values.mean()) < 4 * values.std() / np.sqrt(CONDITIONS)
    undefined = np.isnan(found.skill())
    np.testing.assert_array_equal(undefined, found.control_corrected <= 0)
    assert 0.1 < undefined.mean() < 0.9


def test_self_tests_of_paper_18(
    planted: Planted, cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    """Scaled spread and genes shuffled within a perturbation: by how much each distance sees them."""
    _, _, perfect = cells
    rng = np.random.default_rng(5)
    mean = np.stack([perfect[code == c].mean(axis=0) for c in range(CONDITIONS)])[code]
    shuffled = perfect.copy()
    for c in range(CONDITIONS):
        rows = np.flatnonzero(code == c)
        shuffled[rows] = np.stack([rng.permutation(column) for column in perfect[rows].T], axis=1)
    answers = [mean + factor * (perfect - mean) for factor in (0.5, 1.5)]
    for kind in KINDS:
        found = measured(cells, code, kind, [*answers, shuffled]).corrected
        assert (found.mean(axis=1) > 3 * found.std(axis=1) / np.sqrt(CONDITIONS)).all(), kind


def test_a_copy_of_the_scored_cells_is_better_than_perfect(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    for kind in KINDS:
        found = measured(cells, code, kind, [cells[0]])
        assert (found.corrected < 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_cells_genes_and_number_of_threads(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray],
    code: np.ndarray,
    kind: Kind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    want = measured(cells, code, kind, [cells[2]])
    monkeypatch.setattr(threads, "threads", lambda: 3)
    monkeypatch.setattr(distances, "BLOCK", 5)
    same(measured(tuple(sp.csr_matrix(c) for c in cells), code, kind), want)  # type: ignore[arg-type]
    rng = np.random.default_rng(6)
    genes, rows, others = rng.permutation(GENES), rng.permutation(len(code)), rng.permutation(len(code))
    turned = cell_distances(
        cells[0][rows][:, genes],
        code[rows],
        [cells[2][others][:, genes]],
        [code[others]],
        cells[1][rng.permutation(800)][:, genes],
        kind=kind,
        rng=np.random.default_rng(2),
        components=10,
    )
    same(turned, want, atol=1e-9)


def test_cells_in_a_latent_space_and_components_handed_in(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    found = fit_components(cells[1], 10, np.random.default_rng(7))
    latent = tuple(project(c, found) for c in cells)
    given = measured(cells, code, components=found)
    free = measured(latent, code, components=None)  # type: ignore[arg-type]
    assert given.corrected.mean() == pytest.approx(free.corrected.mean(), abs=0.1)
    assert measured(cells, code).control.mean() == pytest.approx(given.control.mean(), rel=0.05)


def test_equal_n_on_all_sides_and_what_is_undefined(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    truth, control, perfect = (c.copy() for c in cells)
    few = np.ones(len(code), dtype=bool)
    few[np.flatnonzero(code == 0)[19:]] = False  # truth too small
    kept = np.ones(len(code), dtype=bool)
    kept[np.flatnonzero(code == 1)] = False  # nothing predicted
    kept[np.flatnonzero(code == 2)[12:]] = False  # too little predicted
    kept[np.flatnonzero(code == 3)[30:]] = False  # half as many cells
    perfect[np.flatnonzero(code == 4)] = np.nan
    truth[np.flatnonzero(code == 5)] = np.inf
    with np.errstate(invalid="ignore"):
        found = cell_distances(
            truth[few],
            code[few],
            [perfect[kept], cells[2]],
            [code[kept], code],
            control,
            kind="energy",
            rng=np.random.default_rng(0),
            components=10,
            n_max=25,
            n_conditions=CONDITIONS + 1,
        )
    assert found.n_cells[0, :6].tolist() == [0, 25, 25, 15, 25, 25]
    assert found.n_cells[1, :6].tolist() == [0, 25, 25, 25, 25, 25]
    assert found.reason[0, :6].tolist() == [
        "truth has 19 cells, 20 are needed",
        "no predicted cells",
        "prediction has 12 cells, 20 are needed",
        "",
        "prediction holds values that are not finite",
        "truth holds values that are not finite",
    ]
    assert found.reason[1, -1] == "truth has 0 cells, 20 are needed"
    np.testing.assert_array_equal(np.isnan(found.value), found.reason != "")
    np.testing.assert_array_equal(np.isnan(found.corrected), found.reason != "")
    assert np.flatnonzero(np.isnan(found.floor[0])).tolist() == [0, 5, CONDITIONS]
    np.testing.assert_array_equal(found.floor[0, [1, 2, 4]], found.floor[1, [1, 2, 4]])
    assert found.floor[0, 3] != found.floor[1, 3]


def test_pools_of_controls(cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray) -> None:
    half = np.arange(CONDITIONS) % 2
    pools = np.r_[np.zeros(785, int), np.ones(15, int)]
    found = measured(cells, code, control_code=pools, pool=half)
    np.testing.assert_array_equal(np.isnan(found.control[0]), half == 1)  # 15 control cells are too few
    assert (found.n_cells == 30).all()
    small = measured(cells, code, control_code=np.r_[np.zeros(24, int), np.ones(776, int)], pool=half)
    assert small.n_cells[0].tolist() == [12, 30] * (CONDITIONS // 2)
    assert np.isfinite(small.control).all()


def test_controls_that_are_all_alike_give_no_scale(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    alike = cells[0], np.ones((800, GENES)), cells[2]
    for kind in ("mmd", "sinkhorn"):
        found = measured(alike, code, kind, components=None)
        assert np.isnan(found.value).all()
        assert set(found.reason.ravel()) == {"control cells are all alike: they give no scale"}
    assert np.isfinite(measured(alike, code, components=None).value).all()


def test_transport_that_does_not_converge_says_so(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray
) -> None:
    with np.errstate(all="ignore"):
        found = measured(cells, code, "sinkhorn", [cells[2], 1e4 * cells[2]], components=None)
    assert (found.reason[0] == "").all()
    assert (found.reason[1] == "the transport between these cells did not converge").all()
    assert np.isnan(found.value[1]).all()
    assert np.isfinite(found.floor[1]).all()


def test_mistakes_are_refused(cells: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray) -> None:
    with pytest.raises(ValueError, match="numbers of columns"):
        measured(cells, code, predictions=[cells[2][:, 1:]])
    with pytest.raises(ValueError, match="kind is one of"):
        measured(cells, code, "euclid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="codes reach 23"):
        measured(cells, code, n_conditions=5)
