"""The object `doxa` of a row: how the row was asked, and what its labels stand for.

It travels with each row through the other program and into its log, so that reading the log needs
no guess. docs/interop.md describes its fields.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from doxa.elicit import ELICITATIONS
from doxa.errors import DoxaError, QuestionnaireError, RecordingError
from doxa.prompt import Condition, Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.questionnaire import QuestionBank

__all__ = ["FORMAT", "FORMS", "NAME", "Key", "question_hash"]

NAME: Final = "doxa"
"""The name of the object in a row."""

FORMAT: Final = 1
"""The format of the object that this version writes, and the newest that it reads."""

FORMS: Final = ("chat", "begun", "base")
"""How a row is sent: as a chat; as a chat whose reply is begun; as one text to be continued."""

_CONDITION: Final = {field.name: field.type for field in fields(Condition)}
_LATER: Final = ("wording", "surface", "group")
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Key:
    """How a row was asked.

    Parameters
    ----------
    item : str
        The item's id.
    condition : Condition
        How it is put to the model.
    elicitation : str
        A key of `doxa.elicit.ELICITATIONS`.
    labels, codes : tuple
        The labels of the options in the order shown, and the code that each stands for.
    draws : int
        How often the row is asked, or how many answers it asks for in one reply; else 1.
    examples : tuple of str
        The items that the prompt shows as examples.
    questionnaire : str
        The `question_hash` of the item in the condition's language.
    baseline : bool
        Whether the row is the prompt without content that calibrates another row.
    form : str
        One of `FORMS`; "" until a program sends the row.
    """

    item: str
    condition: Condition
    elicitation: str
    labels: tuple[str, ...]
    codes: tuple[int, ...]
    draws: int
    examples: tuple[str, ...]
    questionnaire: str
    baseline: bool = False
    form: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the object that a row carries."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        del own["condition"]
        lists = {name: list(own[name]) for name in ("labels", "codes", "examples")}
        return {"format": FORMAT} | own | asdict(self.condition) | lists

    @classmethod
    def from_dict(cls, found: object, place: str) -> Key:
        """Read the object of a row.

        Parameters
        ----------
        found : object
            What stands under `NAME` in a log.
        place : str
            The file and the row, for messages.

        Raises
        ------
        RecordingError
            It is of a newer format, lacks a field, or holds something impossible.

        Examples
        --------
        >>> key = Key("Q57", Condition("en"), "logprobs", ("A", "B"), (1, 2), 1, (), "c0ffee")
        >>> Key.from_dict(key.to_dict(), "a.jsonl, line 1") == key
        True
        """
        if not isinstance(found, dict):
            raise RecordingError(f"{place}: {NAME} is not an object: export the tasks again")
        written = found.get("format")
        if isinstance(written, int) and written > FORMAT:
            raise RecordingError(
                f"{place}: {NAME} has format {written}, and this version reads up to {FORMAT}: "
                "install a newer doxa"
            )
        try:
            if written != FORMAT:
                raise ValueError(f"its format is {written!r}")
            return cls(**_own(found), condition=_condition(found))
        except (DoxaError, KeyError, TypeError, ValueError) as error:
            what = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be used: {error}"
            raise RecordingError(f"{place}: {NAME} {what}: export the tasks again") from None

    @property
    def question(self) -> Key:
        """The key of the row that this one calibrates; its own if it is no baseline."""
        return replace(self, baseline=False)

    def prompt(self, system: str = "", user: str = "", reply_start: str = "") -> Prompt:
        """Return the prompt that was sent, as far as reading a reply needs it."""
        asks = ELICITATIONS[self.elicitation].asks
        starts = {asks: reply_start}
        return Prompt(
            *(self.item, self.condition, system, user, "", {}, starts, self.labels, self.codes),
            draws=self.draws,
        )


def question_hash(item: str, language: str, bank: QuestionBank, wording: str = "a") -> str:
    """Return a hash of all that is asked by an item: its words, its options and their codes.

    Parameters
    ----------
    item : str
        The item's id.
    language : str
        The language of its words.
    bank : QuestionBank
        The questionnaire.
    wording : str
        Which wording of the question.

    Returns
    -------
    str
        The first 16 hexadecimal digits of a SHA-256; "" if the questionnaire lacks the words.
    """
    try:
        question = bank.question(item, language, wording)
    except QuestionnaireError:
        return ""
    scale = question.item.scale
    asked = [question.text, list(question.labels), list(question.item.listed)]
    asked += [scale.kind, list(scale.all_codes), list(scale.off_scale)]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]


def _own(found: Mapping[str, Any]) -> dict[str, Any]:
    """Read all fields but those of the condition."""
    labels, codes, examples = (_list(found, name) for name in ("labels", "codes", "examples"))
    if found["elicitation"] not in ELICITATIONS:
        raise ValueError(f"no elicitation {str(found['elicitation'])[:_SHOWN]!r}")
    if len(set(labels)) < len(labels) or len(labels) != len(codes) or len(labels) < 2:
        raise ValueError(f"{len(labels)} labels, some alike, for {len(codes)} codes")
    if not all(isinstance(code, int) for code in codes) or len(set(codes)) < len(codes):
        raise ValueError(f"codes {str(codes)[:_SHOWN]} are not different whole numbers")
    draws = found["draws"]
    if not isinstance(draws, int) or draws < 1:
        raise ValueError(f"draws is {str(draws)[:_SHOWN]}")
    return {
        "item": str(found["item"]),
        "elicitation": found["elicitation"],
        "labels": tuple(map(str, labels)),
        "codes": tuple(codes),
        "draws": draws,
        "examples": tuple(map(str, examples)),
        "questionnaire": str(found["questionnaire"]),
        "baseline": found["baseline"] is True,
        "form": str(found["form"]),
    }


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found[name]
    if not isinstance(value, list):
        raise TypeError(f"{name} is not a list")
    return value


def _condition(found: Mapping[str, Any]) -> Condition:
    # what rows of earlier versions lack has its default
    usual = asdict(Condition("en"))
    values = {name: found.get(name, usual[name]) for name in _LATER}
    values |= {name: found[name] for name in _CONDITION if name not in _LATER}
    for name, kind in _CONDITION.items():
        if type(values[name]).__name__ != kind:
            raise TypeError(f"{name} is {str(values[name])[:_SHOWN]!r}")
    return Condition(**values)
