"""How fast doxa is on this machine, and how long an experiment would take here.

=========  ===================================================================
`whole`    `benchmark`: the model and the core, one after the other
`core`     `time_core`: the scoring core
`work`     the work that the core is timed on, and its expected results
`model`    `time_model`: asking a model
`machine`  the machine and the versions that were timed
=========  ===================================================================
"""

from doxa.bench.core import Timing, time_core
from doxa.bench.model import WAYS, ModelTiming, time_model
from doxa.bench.whole import Benchmark, benchmark
from doxa.bench.work import Sizes

__all__ = [
    "WAYS",
    "Benchmark",
    "ModelTiming",
    "Sizes",
    "Timing",
    "benchmark",
    "time_core",
    "time_model",
]
