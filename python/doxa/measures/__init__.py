"""The measures that the field reports, each by name and source.

=============  ====================================================================
`shapes`       distributions as points whose distances are those of the distributions
`fidelity`     population fidelity: accuracy, adaptability, structure of cells
`benchmarks`   the scores of OpinionQA, SimBench, SubPOP, WorldValuesBench and others
`spread`       how spread out answers are, between groups and within them
`ratings`      agreement of repeated ratings: ICC, Krippendorff, Fleiss, Cronbach
=============  ====================================================================
"""

from doxa.measures.benchmarks import (
    a_bias,
    consistency,
    gap_closed,
    majority_distance,
    noise_floor,
    simbench_score,
    steerability,
    threshold_curve,
    uniform_distance,
)
from doxa.measures.fidelity import Fidelity, population_fidelity
from doxa.measures.ratings import (
    cronbach_alpha,
    fleiss_kappa,
    intraclass_correlation,
    krippendorff_alpha,
    noise_to_signal,
    spearman_brown,
)
from doxa.measures.spread import (
    GroupSpread,
    collision,
    effective_options,
    group_spread,
    modal_share,
    normalised_variance,
    support_collapse,
)

__all__ = [
    "Fidelity",
    "GroupSpread",
    "a_bias",
    "collision",
    "consistency",
    "cronbach_alpha",
    "effective_options",
    "fleiss_kappa",
    "gap_closed",
    "group_spread",
    "intraclass_correlation",
    "krippendorff_alpha",
    "majority_distance",
    "modal_share",
    "noise_floor",
    "noise_to_signal",
    "normalised_variance",
    "population_fidelity",
    "simbench_score",
    "spearman_brown",
    "steerability",
    "support_collapse",
    "threshold_curve",
    "uniform_distance",
]
