"""The keys of an experiment file: checking and writing them."""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from doxa.errors import ExperimentError
from doxa.outside.written import toml_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

__all__ = ["GRID", "KEYS", "checked", "made", "toml_lines"]

_LISTS: Final = (
    "languages", "steering", "targets", "personas", "wordings", "surfaces", "templates",
    "option_orders", "label_styles", "reasoning",
)  # fmt: skip

GRID: Final = {
    **dict.fromkeys(_LISTS, list),
    "wave": int,
    "forms": int,
    "forms_seed": int,
    "n_examples": int,
}
"""The keys that define conditions, with the kinds of their values."""

KEYS: Final[dict[str, Any]] = {
    "models": list,
    "items": (int, list),
    "elicitations": list,
    "conditions": list,
    "drawn": dict,
    "settings": dict,
    "engine": dict,
    "cluster": dict,
    **GRID,
}
"""All keys, with the kinds of their values."""

_WORDS: Final = {
    bool: "true or false",
    str: "a text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}
_T = TypeVar("_T", bound="DataclassInstance")


def checked(table: Mapping[str, Any]) -> dict[str, Any]:
    """Check that a table's keys are known and of the right kind, and return them."""
    found = {}
    for name, value in table.items():
        if name not in KEYS:
            raise ExperimentError(f"no key {name!r}: there are {', '.join(KEYS)}")
        if not isinstance(value, KEYS[name]) or isinstance(value, bool):
            kinds = KEYS[name] if isinstance(KEYS[name], tuple) else (KEYS[name],)
            raise ExperimentError(
                f"{name} = {value!r}: give {' or '.join(_WORDS[kind] for kind in kinds)}"
            )
        inner = dict if name == "conditions" else str
        if name == "reasoning":  # off, or a number of tokens
            value = [str(entry) if type(entry) is int else entry for entry in value]
        if isinstance(value, list) and not all(isinstance(entry, inner) for entry in value):
            raise ExperimentError(f"{name} = {value!r}: {_WORDS[inner]} is wanted for each")
        found[name] = value
    return found


def made(kind: type[_T], values: Mapping[str, Any], where: str) -> _T:
    """Return the dataclass that a table describes; the dataclass checks the values."""
    known = {entry.name: entry for entry in fields(kind)}
    hints = get_type_hints(kind)
    for name, value in values.items():
        if name not in known:
            raise ExperimentError(f"{where}no key {name!r}: there are {', '.join(known)}")
        wanted = _kinds(hints[name])
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            words = " or ".join(dict.fromkeys(_WORDS[one] for one in wanted if one is not tuple))
            raise ExperimentError(f"{where}{name} = {value!r}: give {words}")
    for name, entry in known.items():
        if name not in values and entry.default is MISSING:
            raise ExperimentError(f"{where}no {name}: give {_WORDS[_kinds(hints[name])[0]]}")
    return kind(**values)


def _kinds(hint: Any) -> tuple[type, ...]:
    """Return the types that a file may use for an annotation: text for a choice of texts."""
    if get_origin(hint) is Literal:
        return (type(get_args(hint)[0]),)
    kinds: tuple[type, ...] = ()
    for kind in get_args(hint) or (hint,):
        if get_origin(kind) is tuple:
            kinds += (list, tuple)
        elif kind is not NoneType:
            kinds += (kind,)
    return (*kinds, int) if float in kinds else kinds


def toml_lines(table: DataclassInstance, *names: str) -> list[str]:
    """Write the named fields of a dataclass (default: all) as lines of TOML, without None.

    Examples
    --------
    >>> from doxa.elicit import ElicitationSettings
    >>> toml_lines(ElicitationSettings(), "verbalized", "draws")
    ['verbalized = "constrained"', 'draws = 10']
    """
    names = names or tuple(entry.name for entry in fields(table))
    values = ((name, getattr(table, name)) for name in names)
    return [f"{name} = {toml_value(value)}" for name, value in values if value is not None]
