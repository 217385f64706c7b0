from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, replace

import pytest

import doxa.analysis
from doxa.analysis import Settings
from doxa.analysis.parts.settings import DEFAULTS
from doxa.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("wave", "7"),
        ("wave", 7.0),
        ("wave", [7]),
        ("n_resamples", 0),
        ("n_resamples", 1.5),
        ("n_resamples", float("nan")),
        ("n_resamples", True),
        ("n_resamples", "10"),
        ("n_resamples", 10**20),
        ("confidence", 1.0),
        ("confidence", 0.0),
        ("confidence", float("nan")),
        ("seed", -1),
        ("seed", 2**64),
        ("seed", 1.0),
        ("seed", None),
        ("threshold", -0.1),
        ("threshold", float("nan")),
        ("resample", "dice"),
        ("resample", ["items", "dice"]),
        ("baseline", "mean"),
        ("exclude_items", "Q1"),
        ("exclude_items", None),
        ("resample", None),
        ("confidence", 1 - 1e-16),
        ("confidence", "high"),
        ("threshold", "small"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(setting: str, value: object) -> None:
    with pytest.raises(InvalidArgumentError, match=f"{setting}="):
        Settings(**{setting: value})  # type: ignore[arg-type]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="resample is empty"):
        Settings(resample=())


def test_sources_are_named_once_and_in_one_order() -> None:
    settings = Settings(resample=["replies", "items", "replies"])
    assert settings.resample == ("items", "replies")
    assert settings.resampled == "items, replies"
    assert settings.items_alone() == replace(settings, resample=("items",))
    assert settings == Settings(resample=("items", "replies"))


def test_items_may_come_from_anything_that_gives_names() -> None:
    settings = Settings(exclude_items=(name for name in ["Q2", "Q1", "Q2"]))
    assert settings.exclude_items == {"Q1", "Q2"}
    assert hash(settings) == hash(Settings(exclude_items={"Q1", "Q2"}))


def test_settings_do_not_change() -> None:
    settings = Settings(seed=3)
    with pytest.raises(FrozenInstanceError):
        settings.seed = 4  # type: ignore[misc]
    changed = replace(settings, wave=6, baseline="nearest")
    assert (changed.seed, changed.wave, changed.baseline) == (3, 6, "nearest")
    assert settings.draws == {"n_resamples": 1000, "confidence": 0.95, "seed": 3}


def test_every_table_takes_settings_and_none_repeats_one_as_a_keyword() -> None:
    names = {field.name for field in fields(Settings)}
    takers = []
    for name in doxa.analysis.__all__:
        thing = getattr(doxa.analysis, name)
        if not inspect.isfunction(thing):
            continue
        parameters = inspect.signature(thing).parameters
        if "settings" in parameters:
            takers.append(name)
            assert parameters["settings"].default is DEFAULTS
            assert parameters["settings"].kind is inspect.Parameter.KEYWORD_ONLY
            assert not names & set(parameters)
            assert "settings" in (inspect.getdoc(thing) or "")
    assert len(takers) > 20  # that they were found at all
