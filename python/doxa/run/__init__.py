"""From an experiment to replies in a store.

=============  ====================================================================
`experiment`   `Experiment`: what to ask which models
`grid`         from names of steerings and items to conditions and items
`task`         from an experiment's cells to requests
`loop`         `ask`: the one loop that asks what the store lacks
`estimate`     what a run will take in tokens, time and money
=============  ====================================================================
"""

from doxa.run.estimate import Estimate, estimate
from doxa.run.experiment import Experiment, ExperimentCell
from doxa.run.grid import choose_items, expand_steering
from doxa.run.loop import ask, load_model, run
from doxa.run.task import tasks_of

__all__ = [
    "Estimate",
    "Experiment",
    "ExperimentCell",
    "ask",
    "choose_items",
    "estimate",
    "expand_steering",
    "load_model",
    "run",
    "tasks_of",
]
