"""How the report names things, and how it writes numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

__all__ = [
    "ELICITATION_NAMES",
    "STATUS_NAMES",
    "STEERING_NAMES",
    "VERDICT_NAMES",
    "condition_name",
    "elicitation_name",
    "join",
    "language_name",
    "plural",
    "short_condition_name",
    "with_interval",
]

ELICITATION_NAMES = {
    "verbalized": "percentages it states",
    "logprobs": "probabilities of its options",
    "sampling": "repeated answers",
}
STEERING_NAMES = {
    "none": "No steering",
    "persona": "Persona",
    "few-shot": "Examples",
    "persona_few-shot": "Persona and examples",
}
STATUS_NAMES = {
    "ok": "usable",
    "refused": "refused",
    "unparsable": "unreadable",
    "truncated": "cut off",
    "error": "failed",
}
VERDICT_NAMES = {
    "under": "further than baseline",
    "appropriate": "about as close as baseline",
    "over": "closer than baseline",
}
_LANGUAGE_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sw": "Swahili",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_name(code: str) -> str:
    """Return the English name of an ISO 639-1 language code, or the code itself.

    Examples
    --------
    >>> language_name("ja"), language_name("xx")
    ('Japanese', 'xx')
    """
    return _LANGUAGE_NAMES.get(code, code)


def elicitation_name(elicitation: str) -> str:
    """Return how an elicitation is described on the page.

    Examples
    --------
    >>> elicitation_name("logprobs")
    'probabilities of its options'
    """
    return ELICITATION_NAMES.get(elicitation, elicitation)


def condition_name(
    steering: str, language: str, target: str, country_names: Mapping[str, str]
) -> str:
    """Name a condition in words.

    Examples
    --------
    >>> condition_name("persona", "ja", "JPN", {"JPN": "Japan"})
    'Persona, Japan · Japanese'
    >>> condition_name("none", "es", "", {})
    'No steering · Spanish'
    """
    name = STEERING_NAMES.get(steering, steering)
    if target:
        name += f", {country_names.get(target, target)}"
    return f"{name} · {language_name(language)}"


def short_condition_name(steering: str, language: str, target: str) -> str:
    """Name a condition where there is little room.

    Examples
    --------
    >>> short_condition_name("persona", "ja", "JPN")
    'Persona JPN · ja'
    """
    name = STEERING_NAMES.get(steering, steering)
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
        Whether positive numbers carry a plus sign, as differences should.

    Examples
    --------
    >>> with_interval(0.8123, 0.7911, 0.8304)
    '0.812 [0.79, 0.83]'
    >>> with_interval(-0.0261, -0.05, 0.001, signed=True)
    '−0.026 [−0.05, +0.00]'
    >>> with_interval(None, None, None)
    '–'
    """
    if estimate is None or not isfinite(estimate):
        return "–"
    sign = "+" if signed else ""
    text = f"{estimate:{sign}.3f}"
    if low is not None and high is not None and isfinite(low) and isfinite(high):
        text += f" [{low:{sign}.2f}, {high:{sign}.2f}]"
    return text.replace("-", "−")


def join(parts: list[str]) -> str:
    """Join parts as a sentence does.

    Examples
    --------
    >>> join(["en"]), join(["en", "ja"]), join(["en", "ja", "es"])
    ('en', 'en and ja', 'en, ja and es')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> plural(1, "country", "countries"), plural(1200, "reply", "replies")
    ('1 country', '1,200 replies')
    """
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
