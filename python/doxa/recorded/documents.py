"""The item and condition of a question in another program's log, in keys that its user wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.errors import RecordingError
from doxa.prompt import OFF
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire import QuestionBank

__all__ = ["item_of", "way_of"]

ITEM_KEYS: Final = ("item", "item_id", "question_id", "qid", "variable", "id", "question")
COUNTRY_KEYS: Final = ("target", "country")


def item_of(found: Mapping[str, Any], place: str, bank: QuestionBank) -> str | None:
    """Find the item of a question by the first of `ITEM_KEYS` that it has.

    Returns
    -------
    str or None
        The name; None if the value of that key is not an item.

    Raises
    ------
    RecordingError
        The question has none of the keys.
    """
    named = [str(found[key]) for key in ITEM_KEYS if found.get(key) is not None]
    if not named:
        raise RecordingError(f"{place}: no item: add one of the keys {', '.join(ITEM_KEYS)}")
    return next((name for name in named if name in bank.items), None)


def way_of(found: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Read how the model was asked: `language, steering, target, template, reasoning`.

    The defaults are English, no steering and no thought. A country, by code or name, without a
    steering means a persona of that country.

    Raises
    ------
    RecordingError
        The country is unknown.
    """
    country = next((str(found[key]) for key in COUNTRY_KEYS if found.get(key)), "")
    target = alpha_3(country) if country else ""
    if target is None:
        raise RecordingError(
            f"{place}: no country {country!r}: write an ISO 3166-1 code or the English name"
        )
    return {
        "language": str(found.get("language") or "en"),
        "steering": str(found.get("steering") or ("persona" if target else "none")),
        "target": target,
        "template": str(found.get("template") or "a"),
        "option_order": "listed",
        "reasoning": str(found.get("reasoning") or OFF),
    }
