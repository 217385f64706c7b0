"""Surfaces: changes to how a question is written that leave its words and meaning.

===============  ===============================================================================
``plain``        as the questionnaire has it
``typos``        about one word in twelve, and at least one, with two letters inside it swapped,
                 or one written twice or left out; where words are not set apart by spaces, about
                 one character in forty is written twice
``casing``       all small or all capital letters; not for a script that has one kind of letter
``punctuation``  the last mark left out or written twice; one added where there is none
``spacing``      blanks written twice and one in front; where words are not set apart, one in front
                 and one after each mark within the question
``polite``       a polite opening in front, in the language's own words
===============  ===============================================================================

Only the question is changed: no option, label or instruction. What is drawn depends on the item
alone, so the same item has the same surface whenever it is asked. A letter stays with its marks:
clusters are not taken apart.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from doxa.questionnaire import Language, Question

__all__ = ["PLAIN", "SURFACES", "clusters", "has_surface", "with_surface"]

PLAIN: Final = "plain"
"""The surface of a question as the questionnaire has it."""

_CASED: Final = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
_UNSPACED: Final = frozenset({"Hans", "Hant", "Jpan", "Thai", "Mymr", "Khmr", "Laoo"})
_VIRAMA: Final = 9
"""The combining class of the sign that binds two consonants into one."""
_BEFORE: Final = frozenset("เแโใไ")
_BEHIND: Final = frozenset("ะาำๅ")
_JOINERS: Final = frozenset("\u200c\u200d")
_MARKS: Final = frozenset("?.!…;？。！؟۔।።፧။։;")
_CLOSERS: Final = "”“»«」』’\"')）"
_PAUSES: Final = "，、。：；,;:"
_ADDED: Final[Mapping[str, str]] = {
    "Beng": "।", "Deva": "।", "Ethi": "።", "Mymr": "။", "Armn": "։", "Thai": "?",
    "Hans": "。", "Hant": "。", "Jpan": "。",
}  # fmt: skip
"""The mark that is added where there is none; a full stop in all other scripts."""

_WORDS_A_TYPO: Final = 12
_CHARACTERS_A_TYPO: Final = 40
_LONG: Final = 5
"""The clusters of a word that is long enough for a typo, where the question has such words."""
_TURKISH: Final = str.maketrans("iı", "İI"), str.maketrans("Iİ", "ıi")


def has_surface(surface: str, script: str) -> bool:
    """Tell whether a script can have a surface.

    Parameters
    ----------
    surface : str
        One of `SURFACES`.
    script : str
        ISO 15924 code, such as ``"Latn"``.

    Examples
    --------
    >>> has_surface("casing", "Latn"), has_surface("casing", "Thai")
    (True, False)
    """
    return surface != "casing" or script in _CASED


def with_surface(question: Question, surface: str, language: Language, polite: str) -> str:
    """Write a question with a surface.

    Parameters
    ----------
    question : Question
        The question.
    surface : str
        One of `SURFACES`.
    language : Language
        Its language.
    polite : str
        The language's polite opening, with ``{question}``.

    Returns
    -------
    str
        The text; it differs from the question's own unless the surface is ``"plain"``.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> question, english = bank.question("Q46", "en"), bank.language("en")
    >>> with_surface(question, "typos", english, "")
    'All thins considered, how happy are you?'
    """
    if surface == PLAIN:
        return question.text
    if surface == "polite":
        return polite.format(question=question.text)
    stream = random.Random(f"{surface}:{question.item.id}")
    return _CHANGES[surface](question.text, language, stream)


def clusters(text: str) -> list[str]:
    """Cut a text into what a reader takes for one letter: each with its marks.

    Examples
    --------
    >>> clusters("né") == ["n", "é"], clusters("क्या")
    (True, ['क्या'])
    """
    found: list[str] = []
    joins = False
    for letter in text:
        marks = unicodedata.category(letter).startswith("M") or letter in _BEHIND | _JOINERS
        if found and (marks or joins):
            found[-1] += letter
        else:
            found.append(letter)
        bound = unicodedata.combining(letter) == _VIRAMA
        joins = bound or letter in _BEFORE or letter in _JOINERS - {"\u200c"}
    return found


def _typos(text: str, language: Language, stream: random.Random) -> str:
    letters = clusters(text)
    words = list(_words(letters))
    if language.script in _UNSPACED:
        able = [place for word in words for place in word][1:]
        for place in stream.sample(able, max(1, round(len(able) / _CHARACTERS_A_TYPO))):
            letters[place] *= 2
        return "".join(letters)
    longest = max(map(len, words))
    long = [word for word in words if len(word) >= min(_LONG, longest)]
    wanted = max(1, round(len(words) / _WORDS_A_TYPO))
    for word in stream.sample(long, min(wanted, len(long))):
        _mistype(letters, word, stream)
    return "".join(letters)


def _words(letters: list[str]) -> Iterator[range]:
    """Yield the places of each run of letters."""
    start = None
    for place, letter in enumerate([*letters, " "]):
        if letter[0].isalpha():
            start = place if start is None else start
        elif start is not None:
            yield range(start, place)
            start = None


def _mistype(letters: list[str], word: range, stream: random.Random) -> None:
    """Swap two letters inside a word, or write one twice or not at all."""
    inside = word[1:-1]
    swaps = [place for place in inside[:-1] if letters[place] != letters[place + 1]]
    kind = stream.choice(("swapped", "doubled", "dropped"))
    if kind == "swapped" and swaps:
        place = stream.choice(swaps)
        letters[place : place + 2] = letters[place + 1], letters[place]
    elif kind == "dropped" and inside:
        letters[stream.choice(inside)] = ""
    else:
        letters[stream.choice(inside or word)] *= 2


def _casing(text: str, language: Language, stream: random.Random) -> str:
    capital, small = _TURKISH if language.code == "tr" else ({}, {})
    forms = [text.translate(small).lower(), text.translate(capital).upper()]
    stream.shuffle(forms)
    return next(form for form in forms if form != text)


def _punctuation(text: str, language: Language, stream: random.Random) -> str:
    closers = len(text) - len(text.rstrip(_CLOSERS))
    body, end = text[: len(text) - closers], text[len(text) - closers :]
    twice = stream.random() < 0.5
    if body[-1] not in _MARKS:
        return text + _ADDED.get(language.script, ".")
    return body + body[-1] + end if twice else body[:-1] + end


def _spacing(text: str, language: Language, _: random.Random) -> str:
    if language.script in _UNSPACED:
        return " " + re.sub(rf"([{_PAUSES}])(?=\S)", r"\1 ", text)
    return " " + text.replace(" ", "  ")


_CHANGES: Final[Mapping[str, Callable[[str, Language, random.Random], str]]] = {
    "typos": _typos,
    "casing": _casing,
    "punctuation": _punctuation,
    "spacing": _spacing,
}

SURFACES: Final = (PLAIN, *_CHANGES, "polite")
"""The names of all surfaces."""
