"""The demonstration: a model that fits on any laptop, asked in seven ways.

=============  ================================================
`experiment`   what is asked
`model`        where the model comes from
`run`          `run_demo`: ask, evaluate, report
=============  ================================================
"""

from doxa.demo.experiment import CONDITIONS, NOTICE, demo_experiment
from doxa.demo.model import demo_model
from doxa.demo.run import run_demo

__all__ = ["CONDITIONS", "NOTICE", "demo_experiment", "demo_model", "run_demo"]
