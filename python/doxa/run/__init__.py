"""From an experiment to replies in a store.

===============  ======================================================================
`experiment`     `Experiment`: what to ask which models
`combination`    one question of an experiment to each of its models
`forms`          the forms of its items, as conditions and in its file
`cluster`        `Cluster`: on which machines, and with how many workers
`keys`           the keys of an experiment file: checking and writing them
`grid`           from names of steerings and items to conditions and items
`personas`       the ways of asking that a steering and some groups stand for
`task`           from an experiment's combinations to requests
`models`         the models of an experiment, found before any is asked
`blocks`         tasks that share a prompt's start, cut to be asked on several machines
`saved`          the experiment that a store holds, and how two of them differ
`questionnaire`  a questionnaire of one's own, kept with the run
`shard`          one of several parts of an experiment
`parts`          which parts a store holds, in words
`together`       whether runs belong together
`merge`          several runs of one experiment in one store
`asker`          who answers the tasks of one model: a backend, or many
`loop`           `ask`: the one loop that asks what the store lacks
`progress`       how far a run is, in words
`course`         what a run is doing, and how long it will take
`status`         how far a run is, read while it is asked
`estimate`       the tokens, time and money that a run will take
===============  ======================================================================
"""

from doxa.run.cluster import Cluster
from doxa.run.combination import Combination
from doxa.run.estimate import Estimate, estimate
from doxa.run.experiment import Experiment
from doxa.run.grid import choose_items, expand_steering
from doxa.run.loop import ask, load_model, run
from doxa.run.shard import Shard
from doxa.run.task import tasks_of

__all__ = [
    "Cluster",
    "Combination",
    "Estimate",
    "Experiment",
    "Shard",
    "ask",
    "choose_items",
    "estimate",
    "expand_steering",
    "load_model",
    "run",
    "tasks_of",
]
