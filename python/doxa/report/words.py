"""How the report names things, and how it writes numbers."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from doxa.elicit import ELICITATIONS
from doxa.prompt import OFF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from doxa.analysis.parts.settings import BaselineKind
    from doxa.questionnaire import QuestionBank

__all__ = [
    "BASELINES",
    "STATUS_NAMES",
    "STEERINGS",
    "THOUGHT_NAMES",
    "VERDICT_NAMES",
    "BaselineWords",
    "Names",
    "elicitation_name",
    "in_table_order",
    "join",
    "plural",
    "reasoning_name",
    "short_condition_name",
    "steering_name",
    "with_interval",
]


class BaselineWords(NamedTuple):
    """The words of the page for one baseline.

    Attributes
    ----------
    subject : str
        Whose answers it is, as a singular subject.
    how : str
        How the baseline is made.
    no_closer : str
        What is said of a model that is no closer than the baseline.
    short : str
        Its name in a chart.
    """

    subject: str
    how: str
    no_closer: str
    short: str


BASELINES: Final[Mapping[BaselineKind, BaselineWords]] = {
    "leave_one_out": BaselineWords(
        "the average of the other countries",
        "the average of the other countries in the data, each counted once",
        "knows nothing about this country in particular",
        "Others’ average",
    ),
    "pooled": BaselineWords(
        "the pool of all countries’ people",
        "all respondents of all countries in the data together, this country’s own among them",
        "answers no more like this country than all countries’ people together do",
        "All people",
    ),
    "uniform": BaselineWords(
        "an equal share for every option",
        "the same share for every option of an item",
        "does no better than equal shares, whatever the question",
        "Equal shares",
    ),
    "nearest": BaselineWords(
        "the other country that answers most like it",
        "the other country in the data whose people answer most like this country’s",
        "is no closer than the people of another country are",
        "Nearest country",
    ),
}
STEERING_NAMES: Final = {"none": "no steering", "persona": "persona", "few-shot": "examples"}
STEERINGS: Final = (*STEERING_NAMES, "other")
"""The kinds of steering with their own colours; all others share the last one."""

STATUS_NAMES: Final = {
    "ok": "usable",
    "refused": "refused",
    "unparsable": "unreadable",
    "truncated": "cut off",
    "error": "failed",
}
THOUGHT_NAMES: Final = {
    "closed": "closed by the model",
    "cut": "cut at the budget",
    "left": "left open by the model",
}
"""How a thought ended, by `thought_status`."""

VERDICT_NAMES: Final = {
    "under": "further",
    "appropriate": "as close",
    "over": "closer",
}


def elicitation_name(elicitation: str) -> str:
    """Return how an elicitation is described on the page.

    Examples
    --------
    >>> elicitation_name("logprobs"), elicitation_name("interview")
    ('option probabilities', 'interview')
    """
    known = ELICITATIONS.get(elicitation)
    return known.words if known else elicitation


def in_table_order(elicitations: Iterable[str]) -> list[str]:
    """Sort elicitations as `doxa.elicit.ELICITATIONS` lists them; others follow by name.

    Examples
    --------
    >>> in_table_order(["interview", "logprobs", "verbalized"])
    ['verbalized', 'logprobs', 'interview']
    """
    place = {name: number for number, name in enumerate(ELICITATIONS)}
    return sorted(set(elicitations), key=lambda name: (place.get(name, len(place)), name))


def steering_name(steering: str) -> str:
    """Name a steering by its parts.

    Examples
    --------
    >>> steering_name("none"), steering_name("persona_few-shot")
    ('No steering', 'Persona and examples')
    >>> steering_name("persona_time-5")
    'Persona and time of wave 5'
    """
    names = []
    for part in steering.split("_"):
        kind, _, wave = part.partition("time-")
        names.append(f"time of wave {wave}" if wave else STEERING_NAMES.get(kind, kind))
    text = join(names)
    return text[:1].upper() + text[1:]


def reasoning_name(reasoning: str) -> str:
    """Name how much a model thought first.

    Examples
    --------
    >>> reasoning_name("off"), reasoning_name("512")
    ('answering at once', 'thinking, up to 512 tokens')
    """
    return "answering at once" if reasoning == OFF else f"thinking, up to {reasoning} tokens"


BESIDE: Final = " · "
"""What stands between a country and a group of it."""


class Names:
    """Name countries, languages and conditions in English, as a question bank does.

    Parameters
    ----------
    bank : QuestionBank
        Its names are used; a code that it does not name stays a code.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> names = Names(QuestionBank.load())
    >>> names.country("JPN"), names.country("XXX")
    ('Japan', 'XXX')
    >>> names.country("JPN · female"), names.place("USA")
    ('Japan · female', 'the United States')
    >>> names.condition("persona", "xx", "JPN")
    'Persona, Japan · xx'
    """

    def __init__(self, bank: QuestionBank) -> None:
        self.bank = bank

    def country(self, code: str) -> str:
        """Name a country by its alpha-3 code, which the name of a group may follow."""
        code, apart, group = code.partition(BESIDE)
        country = self.bank.countries.get(code)
        return (country.name if country else code) + apart + group

    def place(self, code: str) -> str:
        """Name a country as a sentence does, with its article; a group of it may follow."""
        code, apart, group = code.partition(BESIDE)
        english = self.bank.language("en").countries if "en" in self.bank.languages else {}
        if code not in english:
            return self.country(code) + apart + group
        return english[code].people.removeprefix("the residents of ") + apart + group

    def language(self, code: str) -> str:
        """Name a language by its code."""
        return self.bank.language(code).english_name if code in self.bank.languages else code

    def condition(self, steering: str, language: str, target: str) -> str:
        """Name a condition: how the model was steered, towards whom, in which language."""
        name = steering_name(steering)
        if target:
            name += f", {self.country(target)}"
        return f"{name} · {self.language(language)}"


def short_condition_name(steering: str, language: str, target: str) -> str:
    """Name a condition in short.

    Examples
    --------
    >>> short_condition_name("persona", "ja", "JPN")
    'Persona JPN · ja'
    """
    name = steering_name(steering)
    return f"{name} {target} · {language}" if target else f"{name} · {language}"


def with_interval(
    estimate: float | None, low: float | None, high: float | None, *, signed: bool = False
) -> str:
    """Write an estimate with its interval.

    Parameters
    ----------
    estimate, low, high : float or None
        The numbers; without both bounds the estimate stands alone.
    signed : bool
        Whether this is a difference: positive numbers then carry a plus sign, and bounds, which
        may lie close to zero, a third decimal.

    Examples
    --------
    >>> with_interval(0.8123, 0.7911, 0.8304)
    '0.812 [0.79, 0.83]'
    >>> with_interval(-0.0261, -0.05, 0.001, signed=True)
    '−0.026 [−0.050, +0.001]'
    >>> with_interval(None, None, None)
    '–'
    """
    if estimate is None or not isfinite(estimate):
        return "–"
    sign, digits = ("+", 3) if signed else ("", 2)
    text = f"{estimate:{sign}z.3f}"
    if low is not None and high is not None and isfinite(low) and isfinite(high):
        text += f" [{low:{sign}z.{digits}f}, {high:{sign}z.{digits}f}]"
    return text.replace("-", "−")


def join(parts: list[str], word: str = "and") -> str:
    """Join parts as a sentence does, the last with a word.

    Examples
    --------
    >>> join(["en"]), join(["en", "ja"]), join(["en", "ja", "es"])
    ('en', 'en and ja', 'en, ja and es')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> plural(1, "country", "countries"), plural(1200, "reply", "replies")
    ('1 country', '1,200 replies')
    """
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
