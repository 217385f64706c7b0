"""Compute tables from distributions: what a model's answers say, and how certain that is.

Each function takes data frames and `Settings`, and returns a table. In the examples, `model` and
`human` are distributions as `doxa.distribution` gives them, `replies` those of a run, and `bank` is
the questionnaire.

=================  ===============================================================
`alignment`        how close each way of asking comes to each country
`ceilings`         what people themselves would score, by country
`comparison`       which model is closest, and whether one is closer than another
`consensus`        items that people agree about, and items that divide them
`consistency`      entropy and agreement within families of items
`culture`          where countries and models lie on the Inglehart–Welzel map
`flattening`       how far apart a model's groups are, against people's
`language_gains`   what each language changes for each country
`languages`        what a country's own language gains
`matrices`         countries, or ways of asking, against each other
`nearest_wave`     the wave whose people a model answers most like
`opinion`          what in replies does not come from the question
`mixture`          the personas of a country's groups, put together
`personas`         how close personas of groups are to their groups
`power`            how many items, respondents, replies and forms show a difference
`reliability`      replies without an answer, and how far they could move scores
`robustness`       the form of items, and the elicitation
`side_by_side`     any two models, and what a steering does for each model
`shape`            flat or sharp answers, and which way they lean
`steering`         what a steering changes
`structure`        whether differences between countries are in the model
`targeting`        for whom a steering helps, and which one helps most
`time`             which wave of the survey the answers are nearest to
`uniformity`       whether countries are ranked as equal shares would rank them
`variance`         where the score of a reply varies
`verdicts`         whether replies vary with the question, or are no opinion
`worth`            how many people a model's answers are worth
`parts`            what the tables share
=================  ===============================================================
"""

from doxa.analysis.alignment import country_alignment
from doxa.analysis.ceilings import human_ceilings
from doxa.analysis.comparison import compare_models, leaderboard
from doxa.analysis.consensus import consensus_alignment
from doxa.analysis.consistency import family_consistency
from doxa.analysis.culture import cultural_map, nearest_countries
from doxa.analysis.flattening import persona_flattening
from doxa.analysis.language_gains import language_gains
from doxa.analysis.languages import own_language
from doxa.analysis.matrices import cluster_order, model_matrix, population_matrix
from doxa.analysis.mixture import persona_mixture
from doxa.analysis.nearest_wave import nearest_wave
from doxa.analysis.parts.baseline import baseline_distributions
from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.correction import adjust_p_values
from doxa.analysis.parts.settings import Settings
from doxa.analysis.personas import persona_alignment, persona_targeting
from doxa.analysis.power import planned_sizes, sample_sizes
from doxa.analysis.reliability import missing_bounds, reply_reliability
from doxa.analysis.robustness import elicitation_agreement, form_sensitivity, order_effects
from doxa.analysis.shape import answer_shape, topic_bias
from doxa.analysis.side_by_side import model_differences, steering_means
from doxa.analysis.steering import steering_effects
from doxa.analysis.structure import country_structure
from doxa.analysis.targeting import (
    steering_combinations,
    steering_targeting,
    steering_winners,
)
from doxa.analysis.time import wave_alignment, wave_shift
from doxa.analysis.uniformity import uniform_ranking
from doxa.analysis.variance import score_variance, variance_components
from doxa.analysis.verdicts import reply_verdicts
from doxa.analysis.worth import simulated_respondents

__all__ = [
    "Settings",
    "adjust_p_values",
    "answer_shape",
    "baseline_distributions",
    "cluster_order",
    "compare_models",
    "consensus_alignment",
    "country_alignment",
    "country_structure",
    "cultural_map",
    "elicitation_agreement",
    "family_consistency",
    "form_sensitivity",
    "human_ceilings",
    "item_ceilings",
    "language_gains",
    "leaderboard",
    "missing_bounds",
    "model_differences",
    "model_matrix",
    "nearest_countries",
    "nearest_wave",
    "order_effects",
    "own_language",
    "persona_alignment",
    "persona_flattening",
    "persona_mixture",
    "persona_targeting",
    "planned_sizes",
    "population_matrix",
    "reply_reliability",
    "reply_verdicts",
    "sample_sizes",
    "score_variance",
    "simulated_respondents",
    "steering_combinations",
    "steering_effects",
    "steering_means",
    "steering_targeting",
    "steering_winners",
    "topic_bias",
    "uniform_ranking",
    "variance_components",
    "wave_alignment",
    "wave_shift",
]
