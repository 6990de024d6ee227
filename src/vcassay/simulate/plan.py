"""SimulationPlan: the settings of a simulated screen."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.core import InputError

WHERE = "SimulationPlan"
MIN_GENES_PER_PATHWAY = 5


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """Settings of a simulated screen; the seed is handed to `simulate_screen`.

    Attributes
    ----------
    n_genes, n_pathways
        Measured genes, and pathways they fall into (one each, some genes in a second one).
    n_contexts, n_siblings
        All contexts, and how many of them are siblings of an earlier one (a derived line).
    n_crispri, n_drugs, n_salts
        Single perturbations; ``n_salts`` further drugs are salts of earlier ones with equal effects.
    n_combinations
        Pairs of CRISPRi guides.
    doses
        Doses of every drug, uM.
    times
        Times of measurement, hours; empty for a screen without a time column.
    n_batches
        Batches; every condition and every context's controls are spread over all of them.
    cells_per_condition, cells_spread
        Median cells of a condition, and the log-normal sd of their number, independent of effects.
    controls_per_batch
        Control cells of each context, batch and time.
    depth, depth_spread
        Mean counts a cell and their log-normal sd.
    dispersion
        phi of the negative binomial: variance = mean + phi x mean^2, given the cell's depth.
    batch_sd
        Log-normal sd of a gene's rate between batches.
    expression_sd, context_sd
        Sd of log expression between genes, and of a gene between contexts.
    null_share
        Share of the perturbations of each modality that do nothing anywhere; 1 is a null screen.
    effect_size, effect_spread
        Median and log-normal sd, over perturbations, of the root mean square log rate change over
        genes at full dose.
    stress_share, context_share, interaction_share
        Shares of the effects' energy in the stress programme common to all perturbations, in the
        response that each context shows to any of them, and in what is specific to a perturbation
        in a context. The rest is the perturbation's own, the same in every context.
    pathway_share
        Share of a perturbation's own energy that it has in common with its pathway.
    on_target_share
        Share of a drug's own energy that it has in common with the knockdown of its target.
    synergy_share
        Energy of a combination beyond the sum of its parts, relative to that of the parts.
    visible_share
        Share of what sets contexts apart that shows in their control expression.
    context_dims
        Dimensions of the visible part; the hidden part has as many.
    sibling_similarity
        Correlation of a sibling's latent state with its parent's.
    knockdown
        Mean share of the target gene's expression that a working guide takes away.
    feature_quality
        Share of the variance of the prior features that is signal, 0 (noise) to 1.

    Raises
    ------
    InputError
        If a setting is out of its range.
    """

    n_genes: int = 300
    n_pathways: int = 10
    n_contexts: int = 5
    n_siblings: int = 1
    n_crispri: int = 20
    n_drugs: int = 6
    n_salts: int = 0
    n_combinations: int = 0
    doses: tuple[float, ...] = (0.05, 0.5, 5.0)
    times: tuple[float, ...] = ()
    n_batches: int = 2
    cells_per_condition: int = 40
    cells_spread: float = 0.0
    controls_per_batch: int = 80
    depth: float = 2000.0
    depth_spread: float = 0.25
    dispersion: float = 0.2
    batch_sd: float = 0.1
    expression_sd: float = 1.2
    context_sd: float = 0.5
    null_share: float = 0.25
    effect_size: float = 0.28
    effect_spread: float = 0.6
    stress_share: float = 0.2
    context_share: float = 0.15
    interaction_share: float = 0.3
    pathway_share: float = 0.6
    on_target_share: float = 0.7
    synergy_share: float = 0.2
    visible_share: float = 0.5
    context_dims: int = 4
    sibling_similarity: float = 0.99
    knockdown: float = 0.8
    feature_quality: float = 0.7

    def __post_init__(self) -> None:
        least = {"n_genes": 20, "n_pathways": 1, "n_contexts": 1, "n_batches": 1, "context_dims": 1}
        least |= {"cells_per_condition": 1, "controls_per_batch": 1}
        least |= dict.fromkeys(("n_siblings", "n_crispri", "n_drugs", "n_salts", "n_combinations"), 0)
        for name, low in least.items():
            if getattr(self, name) < low:
                raise InputError(f"{name} is below {low}", where=WHERE, mend="raise it")
        shares = [name for name in self.__slots__ if name.endswith("_share")]
        for name in (*shares, "sibling_similarity", "knockdown", "feature_quality"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is not between 0 and 1", where=WHERE, mend="give a share")
        for name in ("depth", "dispersion", "effect_size"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is not above 0", where=WHERE, mend="give a positive number")
        if self.stress_share + self.context_share + self.interaction_share > 1:
            raise InputError("the shares of stress, context and interaction exceed 1", where=WHERE, mend="lower one")
        if self.n_siblings > self.n_contexts // 2:
            raise InputError("more than half of the contexts are siblings", where=WHERE, mend="lower n_siblings")
        if self.n_genes < MIN_GENES_PER_PATHWAY * self.n_pathways or self.n_crispri > self.n_genes // 2:
            raise InputError("too few genes for the pathways or guides", where=WHERE, mend="raise n_genes")
        if not self.n_crispri + self.n_drugs:
            raise InputError("there is no perturbation", where=WHERE, mend="raise n_crispri or n_drugs")
        if self.n_salts > self.n_drugs:
            raise InputError("there are more salts than drugs", where=WHERE, mend="lower n_salts")
        if self.n_combinations > self.n_crispri * (self.n_crispri - 1) // 2:
            raise InputError("there are fewer pairs of guides than n_combinations", where=WHERE, mend="lower it")
        if self.n_drugs and (not self.doses or min(self.doses) <= 0 or len(set(self.doses)) < len(self.doses)):
            raise InputError("doses are missing, repeated or not positive", where=WHERE, mend="give distinct doses")
