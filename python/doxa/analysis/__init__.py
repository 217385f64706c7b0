"""From distributions to tables: what a model's answers say, and how sure that is."""

from doxa.analysis.alignment import country_alignment
from doxa.analysis.comparison import compare_models, leaderboard
from doxa.analysis.consistency import family_consistency
from doxa.analysis.matrices import cluster_order, model_matrix, population_matrix
from doxa.analysis.parts.baseline import baseline_distributions
from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.correction import adjust_p_values
from doxa.analysis.parts.settings import Settings
from doxa.analysis.power import sample_sizes
from doxa.analysis.reliability import missing_bounds, reply_reliability
from doxa.analysis.robustness import elicitation_agreement, order_effects, order_sensitivity
from doxa.analysis.shape import answer_shape, topic_bias
from doxa.analysis.steering import steering_effects
from doxa.analysis.structure import country_structure
from doxa.analysis.targeting import (
    steering_combinations,
    steering_targeting,
    steering_winners,
)
from doxa.analysis.time import wave_alignment, wave_shift
from doxa.analysis.variance import score_variance, variance_components

__all__ = [
    "Settings",
    "adjust_p_values",
    "answer_shape",
    "baseline_distributions",
    "cluster_order",
    "compare_models",
    "country_alignment",
    "country_structure",
    "elicitation_agreement",
    "family_consistency",
    "item_ceilings",
    "leaderboard",
    "missing_bounds",
    "model_matrix",
    "order_effects",
    "order_sensitivity",
    "population_matrix",
    "reply_reliability",
    "sample_sizes",
    "score_variance",
    "steering_combinations",
    "steering_effects",
    "steering_targeting",
    "steering_winners",
    "topic_bias",
    "variance_components",
    "wave_alignment",
    "wave_shift",
]
