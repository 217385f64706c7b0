"""The demonstration: a model that fits on any laptop, asked in five languages.

=============  ==========================================================
`experiment`   what is asked
`model`        where the model comes from
`verdict`      what the numbers say, beside equal shares and other countries
`run`          `run_demo`: ask, evaluate, report
=============  ==========================================================
"""

from doxa.demo.experiment import CONDITIONS, COUNTRIES, ELICITATIONS, demo_experiment
from doxa.demo.model import demo_model
from doxa.demo.run import Demo, run_demo
from doxa.demo.verdict import verdict

__all__ = [
    "CONDITIONS",
    "COUNTRIES",
    "ELICITATIONS",
    "Demo",
    "demo_experiment",
    "demo_model",
    "run_demo",
    "verdict",
]
