"""The demonstration: a model that fits on any laptop, asked in seven ways.

=============  ================================================
`experiment`   what is asked
`model`        where the model comes from
=============  ================================================
"""

from doxa.demo.experiment import CONDITIONS, NOTICE, demo_experiment
from doxa.demo.model import demo_model

__all__ = ["CONDITIONS", "NOTICE", "demo_experiment", "demo_model"]
