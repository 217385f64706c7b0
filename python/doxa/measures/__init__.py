"""The measures that the field reports, each by name and source.

The first four files take arrays; the others make rows of a table from a run.

=============  =====================================================================
`fidelity`     population fidelity: accuracy, adaptability, structure of cells
`benchmarks`   the scores of OpinionQA, SimBench, SubPOP, WorldValuesBench and others
`spread`       how spread out answers are, between groups and within them
`ratings`      agreement of repeated ratings: ICC, Krippendorff, Fleiss, Cronbach
`shapes`       distributions as points whose distances are those of the distributions
`registry`     what each measure is, its source, what it needs, what it cannot tell
`table`        `measure_table`: every measure of a run
`means`        means of items by group, and numbers made of several means
`closeness`    rows: the benchmarks' scores
`dispersion`   rows: how spread out answers are
`cells`        rows: countries as cells, population fidelity and flattening
`opinionqa`    rows: steerability and consistency
`reliability`  rows: agreement of runs, noise and signal, bias towards the first option
`families`     rows: Cronbach's alpha of families of items
=============  =====================================================================
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
from doxa.measures.registry import Measure, chosen_measures, list_measures, measures
from doxa.measures.spread import (
    GroupSpread,
    collision,
    effective_options,
    group_spread,
    modal_share,
    normalised_variance,
    support_collapse,
)
from doxa.measures.table import MAIN, measure_table

__all__ = [
    "MAIN",
    "Fidelity",
    "GroupSpread",
    "Measure",
    "a_bias",
    "chosen_measures",
    "collision",
    "consistency",
    "cronbach_alpha",
    "effective_options",
    "fleiss_kappa",
    "gap_closed",
    "group_spread",
    "intraclass_correlation",
    "krippendorff_alpha",
    "list_measures",
    "majority_distance",
    "measure_table",
    "measures",
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
