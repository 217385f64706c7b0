"""The item and condition of a question in another program's log, in keys that its user wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.errors import ExperimentError, RecordingError
from doxa.prompt import PARTS, parse_steering
from doxa.recorded.recording import USUAL
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["Targets", "is_targeted", "item_of", "way_of"]

ITEM_KEYS: Final = ("item", "item_id", "question_id", "qid", "variable", "id", "question")
_SHOWN: Final = 3
_ALPHA_2: Final = 2


def item_of(found: Mapping[str, Any], place: str, bank: QuestionBank) -> str | None:
    """Find the item of a question, which one of `ITEM_KEYS` names.

    Returns
    -------
    str or None
        The name; None if the values of these keys are no items.

    Raises
    ------
    RecordingError
        The question has none of the keys, or they name several items.
    """
    named = [str(found[key]) for key in ITEM_KEYS if found.get(key) is not None]
    if not named:
        raise RecordingError(f"{place}: no item: add one of the keys {', '.join(ITEM_KEYS)}")
    items = [name for name in dict.fromkeys(named) if name in bank.items]
    if len(items) > 1:
        raise RecordingError(
            f"{place}: names the items {' and '.join(items)}: write the one that was asked in the "
            "key item, and another thing in the others"
        )
    return items[0] if items else None


def way_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Read how the model was asked, but for the country and the order of the options.

    The defaults are English, the first wording, and no thought. A key `group` may be anything in
    another program's log, so it is not read.
    """
    return {
        "language": str(found.get("language") or "en").strip().lower(),
        "template": str(found.get("template") or "a"),
        **{name: str(found.get(name) or usual) for name, usual in USUAL.items() if name != "group"},
    }


class Targets:
    """The countries that the questions of a file are steered towards.

    The key `country` names a country by code or name. A key `target` is often the right answer of a
    test in place of that: it is a country only if all its values in the file are alpha-3 codes or
    English names of countries, and if none is, it is left alone. A country without a steering means
    a persona of that country.

    Attributes
    ----------
    answers : dict of str to int
        The values of `target` that are no countries, with their number.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str]] = []
        self._countries: dict[str, str] = {}
        self.answers: dict[str, int] = {}

    def add(self, found: Mapping[str, Any], place: str) -> None:
        """Read what one question says.

        Raises
        ------
        RecordingError
            Its `country` is unknown, or some values of `target` are countries and others are not.
        """
        named = str(found.get("country") or "")
        country = alpha_3(named) if named else ""
        if country is None:
            raise RecordingError(
                f"{place}: no country {named!r}: write an ISO 3166-1 code or the English name"
            )
        target = found.get("target")
        if not country and target not in (None, ""):
            country = self._country(target, place)
        self._rows.append((place, str(found.get("steering") or ""), country))

    def columns(self) -> list[dict[str, str]]:
        """Give `target` and `steering` of each question.

        Raises
        ------
        RecordingError
            A steering towards a country has none.
        """
        found = []
        for place, steering, country in self._rows:
            if steering and not country and is_targeted(steering):
                raise RecordingError(
                    f"{place}: steering {steering!r} without a country: add the key country"
                )
            found.append(
                {"target": country, "steering": steering or ("persona" if country else "none")}
            )
        return found

    @property
    def told(self) -> dict[str, str]:
        """Say what was made of the key `target`, where it is no country."""
        if not self.answers:
            return {}
        some = ", ".join([*self.answers][:_SHOWN]) + (", …" if len(self.answers) > _SHOWN else "")
        return {
            "what the key target is": f"its {sum(self.answers.values())} values ({some}) are no "
            "countries, so they are taken for right answers, and the replies for unsteered ones; "
            "name a country in the key country"
        }

    def _country(self, target: object, place: str) -> str:
        text = str(target).strip()
        short = len(text) <= _ALPHA_2 or text.isdecimal() or not isinstance(target, str)
        code = None if short else alpha_3(text)
        if code is None:
            self.answers[text] = self.answers.get(text, 0) + 1
        else:
            self._countries[text] = code
        if self.answers and self._countries:
            raise RecordingError(
                f"{place}: target {text!r}: some targets are countries "
                f"({next(iter(self._countries))}) and some are not ({next(iter(self.answers))}): "
                "name countries in the key country"
            )
        return code or ""


def is_targeted(steering: str) -> bool:
    """Tell whether a steering is towards a country; one of another name than doxa's is not.

    Examples
    --------
    >>> is_targeted("persona_time-6"), is_targeted("none"), is_targeted("mine")
    (True, False, False)
    """
    try:
        parts: Sequence[str] = parse_steering(steering)[0]
    except ExperimentError:
        return False
    return any(PARTS[part].targeted for part in parts)
