"""From folders, files and models' names to the recordings that are evaluated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.recorded import read_recording, read_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doxa.questionnaire import QuestionBank
    from doxa.recorded import Recording

__all__ = ["name_models", "read_sources"]


def read_sources(
    runs: Iterable[str | Path],
    files: Iterable[str | Path],
    counts: pl.DataFrame,
    bank: QuestionBank,
    *,
    wave: int | None = 7,
) -> list[Recording]:
    """Read runs, and recordings of other programs on the countries that there are counts of.

    Parameters
    ----------
    runs : iterable of str or pathlib.Path
        Folders of runs.
    files : iterable of str or pathlib.Path
        As `doxa.recorded.read_recording` takes them. Replies steered towards a country without
        counts are left out.
    counts : polars.DataFrame
        Human counts, as `doxa.survey` gives them.
    bank : QuestionBank
        The questionnaire.
    wave : int or None
        The wave whose countries count; None for every wave.

    Raises
    ------
    StoreError
        A run is missing or damaged.
    RecordingError
        A file cannot be read; see `doxa.recorded.read_recording`.
    """
    fielded = counts if wave is None else counts.filter(pl.col("wave") == wave)
    countries = fielded["country"].unique()
    return [
        *(read_run(Path(run)) for run in runs),
        *(read_recording(file, bank=bank, targets=countries) for file in files),
    ]


def name_models(
    names: Sequence[str], runs: Iterable[str | Path]
) -> tuple[list[str], list[Recording]]:
    """Find the models that names stand for: a model of some run, or the folder of a run.

    Parameters
    ----------
    names : sequence of str
        For each, the folder of a run that holds one model; or a model's name.
    runs : iterable of str or pathlib.Path
        Folders of the runs that hold the models named.

    Returns
    -------
    models : list of str
        For each name, the model's name in the recordings. Two runs of one model are told apart
        by their folders: the later one's is the model's name there.
    recordings : list of Recording
        All runs.

    Raises
    ------
    InvalidArgumentError
        A name is no folder and there are no runs, or a folder holds several models.
    StoreError
        A run is missing or damaged.
    """
    found = [read_run(Path(run)) for run in runs]
    given, models = len(found), list[str]()
    for name in names:
        folder = Path(name)
        if not folder.is_dir():
            if not given:
                raise InvalidArgumentError(
                    f"{name} is no folder of a run: name one, or say where the model is with --run"
                )
            models.append(name)
            continue
        recording = read_run(folder)
        held = recording.replies["model"].unique().sort().to_list()
        if len(held) != 1:
            raise InvalidArgumentError(
                f"{folder} holds {len(held)} models ({', '.join(held)}): "
                f"name two and pass --run {folder}"
            )
        model = held[0]
        if model in models or any(model in run.replies["model"] for run in found[:given]):
            model = str(folder)
            replies = recording.replies.with_columns(model=pl.lit(model))
            recording = replace(recording, replies=replies)
        models.append(model)
        found.append(recording)
    return models, found
