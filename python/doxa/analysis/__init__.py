"""From distributions to tables: what a model's answers say, and how sure that is."""

from doxa.analysis.alignment import country_alignment
from doxa.analysis.baseline import leave_one_out
from doxa.analysis.ceiling import item_ceilings
from doxa.analysis.steering import steering_effects
from doxa.analysis.variance import score_variance, variance_components

__all__ = [
    "country_alignment",
    "item_ceilings",
    "leave_one_out",
    "score_variance",
    "steering_effects",
    "variance_components",
]
