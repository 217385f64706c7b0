"""Find the recordings to evaluate, from folders, files and models' names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from doxa.errors import InvalidArgumentError
from doxa.recorded import read_recording, read_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doxa.questionnaire import QuestionBank
    from doxa.recorded import Recording

__all__ = ["name_models", "read_sources", "rename_models"]


def read_sources(
    runs: Iterable[str | Path],
    files: Iterable[str | Path],
    counts: pl.DataFrame,
    bank: QuestionBank,
    *,
    wave: int | None = 7,
) -> list[Recording]:
    """Read runs, and other programs' recordings for the countries with human counts.

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
    """Find the models behind names; a name is a model of some run, or the folder of a run.

    Parameters
    ----------
    names : sequence of str
        Models' names, or folders of runs that hold one model each.
    runs : iterable of str or pathlib.Path
        Folders of the runs that hold the models named.

    Returns
    -------
    models : list of str
        For each name, the model's name in the recordings. If two runs hold the same
        model, the folder of the later run replaces the model's name there.
    recordings : list of Recording
        All runs.

    Raises
    ------
    InvalidArgumentError
        A name is not a folder and `runs` is empty, or a folder does not hold just one model.
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
                    f"{name} is not the folder of a run: name one, or the model's run with --run"
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


def rename_models(recordings: Iterable[Recording], names: Mapping[str, str]) -> list[Recording]:
    """Give models the names that tables and pages should show.

    Parameters
    ----------
    recordings : iterable of Recording
        The recordings.
    names : mapping of str to str
        New names by the models' names in the recordings.

    Raises
    ------
    InvalidArgumentError
        No recording holds a model so named, or two models would have one name.
    """
    recordings = list(recordings)
    held = {model for one in recordings for model in one.replies["model"].unique()}
    unknown = sorted(names.keys() - held)
    if unknown:
        raise InvalidArgumentError(
            f"no model {unknown[0]!r} to rename: there are {', '.join(sorted(held))}"
        )
    shown = [names.get(model, model) for model in held]
    for name in names.values():
        if shown.count(name) > 1:
            raise InvalidArgumentError(f"two models would be named {name!r}: name them apart")
    return [
        replace(one, replies=one.replies.with_columns(pl.col("model").replace(names)))
        for one in recordings
    ]
