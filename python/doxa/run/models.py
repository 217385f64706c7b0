"""The models of an experiment, found on this machine before any of them is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doxa.backend import BACKENDS
from doxa.backend.named import locate
from doxa.errors import ExperimentError
from doxa.outside.extras import require

if TYPE_CHECKING:
    from doxa.backend.named import Located
    from doxa.backend.named.located import Told
    from doxa.run.experiment import Experiment

__all__ = ["located"]


def located(experiment: Experiment, told: Told | None = None) -> list[str | Located]:
    """Find every model of an experiment, so that a wrong name is told before a long run.

    Parameters
    ----------
    experiment : Experiment
        The experiment.
    told : callable, optional
        Called with each line that the user should read.

    Returns
    -------
    list of str or Located
        The models as `doxa.run.load_model` takes them, in order: names that a server or a recording
        knows are returned as they are.

    Raises
    ------
    ModelError
        A model is not on this machine and cannot be brought here.
    MissingExtraError
        What asks the models, or brings one here, is not installed.
    ExperimentError
        Two models have one name in tables.
    """
    row = BACKENDS[experiment.engine.backend]
    # what asks the models, before they are brought here
    if row.library:
        require(row.library)
    if not row.files:
        return list(experiment.models)
    found = [locate(model, told or (lambda _: None)) for model in experiment.models]
    names = [one.name for one in found]
    for model, name in zip(experiment.models, names, strict=True):
        if names.count(name) > 1:
            raise ExperimentError(
                f"two models have the name {name} in tables, {model} is one of them: ask them in "
                "two runs, or copy one to a file with another name"
            )
    return list(found)
