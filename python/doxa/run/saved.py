"""What a store notes of its experiment and questionnaire, and how two experiments differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.backend import Engine
from doxa.elicit import ElicitationSettings
from doxa.errors import StoreError
from doxa.outside.documents import toml_of
from doxa.outside.written import some_of
from doxa.prompt import LABELS, Condition
from doxa.run.experiment import Experiment
from doxa.run.forms import drawn_forms
from doxa.run.keys import checked, made
from doxa.store import Store

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

__all__ = ["difference", "experiment_of", "named", "save_experiment", "saved_experiment"]


def experiment_of(notes: Mapping[str, str], where: str) -> Experiment:
    """Read the latest experiment that a store notes, without a questionnaire.

    Parameters
    ----------
    notes : Mapping of str to str
        The store's metadata.
    where : str
        The run, for messages.

    Raises
    ------
    StoreError
        Nothing has been asked, or the note cannot be read.
    ExperimentError
        The experiment is not one of this version's.

    Examples
    --------
    >>> text = Experiment(("m.gguf",), (Condition("en"),), ("Q1",)).to_toml()
    >>> experiment_of({"experiment": text}, "runs/x").items
    ('Q1',)
    """
    if "experiment" not in notes:
        raise StoreError(f"{where}: nothing has been asked yet: run  doxa ask --out {where}")
    try:
        table = checked(toml_of(notes["experiment"]))
        conditions = [made(Condition, values, "conditions: ") for values in table["conditions"]]
        return Experiment(
            tuple(table["models"]),
            tuple(conditions),
            tuple(table["items"]),
            tuple(table["elicitations"]),
            made(ElicitationSettings, table.get("settings", {}), "settings: "),
            made(Engine, table.get("engine", {}), "engine: "),
            drawn=drawn_forms(table.get("drawn", {}), table["items"]),
            forms_seed=table.get("forms_seed", 0),
        )
    except (LookupError, ValueError) as error:
        raise StoreError(f"{where}: its experiment cannot be read ({error})") from None


def save_experiment(experiment: Experiment, store: Store) -> None:
    """Note an experiment in a store as the latest; one that differs from it stays noted."""
    text = experiment.to_toml()
    notes = store.metadata
    latest = notes.pop("experiment", text)
    earlier = [value for name, value in notes.items() if name.startswith("experiment ")]
    if latest not in (text, *earlier):
        store.note(f"experiment {len(earlier) + 1}", latest)
    store.note("experiment", text)


def saved_experiment(recording: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what a recorded run asked, as `Experiment.from_table` takes it.

    Parameters
    ----------
    recording : path
        The run's store. The models are those that answered; the engine is left out.

    Raises
    ------
    StoreError
        The store is missing or damaged.
    """
    with Store.read(recording) as store:
        saved = toml_of(store.metadata.get("experiment", ""))
        models = [card.model for card in store.cards()]
    kept = {name: saved[name] for name in saved if name not in ("engine", "models")}
    return kept | {"models": models}


def difference(one: Experiment, other: Experiment) -> str:
    """Say how two experiments differ, but for their models and what runs these.

    Parameters
    ----------
    one, other : Experiment
        The experiments.

    Returns
    -------
    str
        One line; empty if there is no difference.

    Examples
    --------
    >>> one = Experiment(("m.gguf",), (Condition("en"),), ("Q1", "Q2"))
    >>> other = Experiment(("n.gguf",), (Condition("en"), Condition("ja")), ("Q1", "Q3"))
    >>> difference(one, other)
    'items: Q2 only in one, Q3 only in the other; conditions: ja none only in the other'
    """
    found = [
        _lists(name, [str(value) for value in getattr(one, name)], list(getattr(other, name)))
        for name in ("items", "elicitations")
    ]
    found.append(_conditions(one.conditions, other.conditions))
    if one.drawn != other.drawn and not any(found):
        found.append("their items were drawn other forms")
    for name in ElicitationSettings.__dataclass_fields__:
        first, second = getattr(one.settings, name), getattr(other.settings, name)
        if first != second:
            found.append(f"{name} is {first} in one, {second} in the other")
    return "; ".join(filter(None, found))


def _conditions(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> str:
    said = _lists("conditions", *([named(each) for each in side] for side in (one, other)))
    if said or one == other:
        return said
    for first, second in zip(one, other, strict=True):
        for name in Condition.__dataclass_fields__:
            values = getattr(first, name), getattr(second, name)
            if values[0] != values[1]:
                return f"{name} is {values[0]} in one, {values[1]} in the other"
    return ""


def named(condition: Condition) -> str:
    """Name a condition for messages, in the words of its fields.

    Examples
    --------
    >>> named(Condition("ja", "persona", "JPN", option_order="reversed"))
    'ja persona JPN reversed'
    """
    # what every condition has unless somebody asks for something else is left out
    usual = Condition(condition.language)
    values = {name: getattr(condition, name) for name in LABELS}
    return " ".join(
        value
        for name, value in values.items()
        if name in ("language", "steering") or value != getattr(usual, name)
    )


def _lists(name: str, one: list[str], other: list[Any]) -> str:
    if one == other:
        return ""
    only = [
        f"{some_of([value for value in mine if value not in set(theirs)])} only in {which}"
        for mine, theirs, which in ((one, other, "one"), (other, one, "the other"))
        if set(mine) - set(theirs)
    ]
    return f"{name}: {', '.join(only) or 'in another order'}"
