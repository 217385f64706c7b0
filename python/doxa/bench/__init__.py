"""How fast doxa is on this machine, and how long an experiment would take here.

=========  ===================================================================
`whole`    `benchmark`: the model and the core, one after the other
`core`     `time_core`: the scoring core
`work`     what the core is timed at, and what it must find
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
