"""The options that a question in a log showed: their labels, and the code that each stands for.

A reply in a log names labels, and a label is not a code: an item may have been shown as
"1: Agree, 2: Hard to say, 3: Disagree" where these have the codes 2, 1 and 0, or in another order.
What was shown is taken from what the log itself says:

===================  ===============================================================================
``codes``            the items' codes, in the order shown
``labels``           the labels, in the order shown
``choices``          the options' words or codes in the order shown, perhaps with their labels
                     before them ("A. Agree"); also ``options``
``option_order``     the order by its name in doxa: the options carry doxa's labels
``label_style``      "numbers" or "letters"
the prompt           lines such as "1: Agree" whose words are those of the questionnaire
===================  ===============================================================================

Where they contradict each other the log is refused. Where nothing is said, the options were shown
as the questionnaire lists them. Whether numbers are then labels or codes is open, and matters for
the items whose codes are not 1, 2, 3 …: `readings` tells whether a reply means the same either way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from doxa.errors import ExperimentError, RecordingError
from doxa.prompt import option_labels, ordered_codes
from doxa.prompt.order import LABEL_STYLES
from doxa.recorded.entries import codes_of_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire import Item, QuestionBank

__all__ = ["REMEDY", "Shown", "order_name", "shown_options", "stated_codes", "words_of"]

REMEDY: Final = (
    "say what was shown: labels and codes in the order shown, or option_order if the labels are "
    "doxa's"
)

_LINE: Final = re.compile(
    r"[\s(\[*-]*(\d{1,2}|[A-Za-z])(?:[\])]?[.:)\uff1a\uff09\u3001]\s*|[\])]?\s+)(\S.*?)\s*$"
)
_HEAD: Final = re.compile(r"\s*\(?(\d{1,2}|[A-Za-z])[.:)]\s+\S")


class Shown(NamedTuple):
    """Options in the order shown: their labels, and the code that each stands for."""

    labels: tuple[str, ...]
    codes: tuple[int, ...]


def shown_options(
    stated: Mapping[str, Any],
    prompt: str,
    question: str,
    language: str,
    bank: QuestionBank,
    place: str,
) -> list[Shown]:
    """List what the options of a question may have been; one entry where the log decides it.

    Parameters
    ----------
    stated : mapping
        What a log says of the question, in the keys above.
    prompt : str
        The prompt that was sent; "" if it is not known.
    question, language : str
        The item, and the language of the prompt.
    bank : QuestionBank
        The questionnaire.
    place : str
        The name of the file and row, for messages.

    Raises
    ------
    RecordingError
        What the log says does not fit the item, or contradicts itself.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> shown_options({"option_order": "reversed", "label_style": "letters"}, "", "Q46", "en",
    ...               bank, "a.json")
    [Shown(labels=('A', 'B', 'C', 'D'), codes=(4, 3, 2, 1))]
    """
    item = bank.items[question]
    words = words_of(item, language, bank)
    seen = _in_prompt(prompt, item, words)
    choices, labels = _choices(stated, place)
    orders = [
        (what, codes)
        for what, codes in (
            ("codes", _listed_codes(stated.get("codes"), item, place)),
            ("choices", _choice_codes(choices, question, language, bank, place)),
            ("option_order", _named_order(stated.get("option_order"), item, place)),
            ("the prompt", seen and seen.codes),
        )
        if codes
    ]
    for what, codes in orders[1:]:
        if codes != orders[0][1]:
            raise RecordingError(
                f"{place}: {question}: {orders[0][0]} and {what} show its codes in another order "
                f"({_listed(orders[0][1])} and {_listed(codes)}): correct one of them"
            )
    labels = labels or (seen.labels if seen else ())
    if seen and labels != seen.labels:
        raise RecordingError(
            f"{place}: {question}: labels {_listed(labels)}, but the prompt shows "
            f"{_listed(seen.labels)}: correct one of them"
        )
    listed = orders[0][1] if orders else item.listed
    if labels and len(labels) != len(listed):
        raise RecordingError(
            f"{place}: {question}: {len(labels)} labels for {len(listed)} options: {REMEDY}"
        )
    as_codes = Shown(tuple(map(str, listed)), listed)
    if labels:
        found = [Shown(labels, listed)]
        if not orders and sorted(labels) == sorted(as_codes.labels):
            found.append(Shown(labels, tuple(map(int, labels))))
        return list(dict.fromkeys(found))
    style = stated.get("label_style")
    if style is not None and style not in LABEL_STYLES:
        raise RecordingError(
            f"{place}: no label_style {style!r}: write {' or '.join(LABEL_STYLES)}"
        )
    found = [
        Shown(option_labels(len(listed), kind), listed)
        for kind in LABEL_STYLES
        if style in (None, kind)
    ]
    if style is None and stated.get("option_order") is None:
        found.append(as_codes)
    return list(dict.fromkeys(found))


def stated_codes(
    stated: Mapping[str, Any], question: str, language: str, bank: QuestionBank, place: str
) -> tuple[int, ...]:
    """Give the codes that `codes` or `choices` name, in their order; empty if they name none."""
    listed = _listed_codes(stated.get("codes"), bank.items[question], place)
    return listed or _choice_codes(_choices(stated, place)[0], question, language, bank, place)


def order_name(item: Item, codes: Sequence[int], stated: object) -> str:
    """Name the order in which an item's codes were shown."""
    for name in ("listed", "reversed", stated):
        if isinstance(name, str) and _named_order(name, item, "") == tuple(codes):
            return name
    return _listed(codes).replace(",", "")


def words_of(item: Item, language: str, bank: QuestionBank) -> dict[int, str]:
    """Give the words of each code in a language; empty if the questionnaire lacks it there."""
    if language not in bank.languages or item.id not in bank.language(language).questions:
        return {}
    question = bank.question(item.id, language)
    return {code: question.label(code) for code in item.scale.all_codes}


def _choices(stated: Mapping[str, Any], place: str) -> tuple[list[str], tuple[str, ...]]:
    """Find the choices of a question, and the labels that stand before them or beside them."""
    labels = _texts(stated.get("labels"), "labels", place)
    found = stated.get("choices") or stated.get("options")
    if isinstance(found, dict):
        labels = labels or _texts(found.get("label"), "labels", place)
        found = found.get("text")
    choices = _texts(found, "choices", place)
    heads = [_HEAD.match(choice) for choice in choices]
    if not labels and choices and all(heads):
        labels = [head[1] for head in heads if head]
    if len(set(labels)) != len(labels):
        raise RecordingError(f"{place}: labels {_listed(labels)} are not all different: {REMEDY}")
    return choices, tuple(labels)


def _texts(found: object, what: str, place: str) -> list[str]:
    if found is None:
        return []
    if not isinstance(found, list | tuple) or not all(isinstance(one, str | int) for one in found):
        raise RecordingError(f"{place}: {what} are not a list of texts: {REMEDY}")
    return [str(one).strip() for one in found]


def _listed_codes(found: object, item: Item, place: str) -> tuple[int, ...]:
    texts = _texts(found, "codes", place)
    if texts and sorted(texts) != sorted(map(str, item.scale.all_codes)):
        raise RecordingError(
            f"{place}: {item.id}: codes {_listed(texts)} are not the item's "
            f"{_listed(item.listed)}, each once"
        )
    return tuple(map(int, texts))


def _choice_codes(
    choices: Sequence[str], question: str, language: str, bank: QuestionBank, place: str
) -> tuple[int, ...]:
    """Find the codes of choices; numbers from 1 on, and others that are no codes, are labels."""
    codes = sorted(map(str, bank.items[question].scale.all_codes))
    numbers = all(choice.isdecimal() for choice in choices)
    if numbers and (sorted(choices) != codes or choices == [*option_labels(len(codes), "numbers")]):
        return ()
    return tuple(codes_of_options(choices, question, language, bank, place))


def _named_order(name: object, item: Item, place: str) -> tuple[int, ...]:
    if name is None:
        return ()
    try:
        return ordered_codes(item, str(name))
    except ExperimentError as error:
        raise RecordingError(f"{place}: {error}") from None


def _in_prompt(prompt: str, item: Item, words: Mapping[int, str]) -> Shown | None:
    """Find the options in the lines of a prompt; None if not all of them are there."""
    meant = {words[code].casefold(): code for code in item.labelled if code in words}
    if len(meant) < 2:
        return None
    lines = filter(None, map(_LINE.match, prompt.splitlines()))
    found = [
        (line[1], meant[said])
        for line in lines
        if (said := line[2].strip("\"'`* ").casefold()) in meant
    ]
    last = found[-len(meant) :]
    labels, codes = [label for label, _ in last], [code for _, code in last]
    if sorted(codes) != sorted(meant.values()) or len(set(labels)) < len(labels):
        return None
    if not item.has_bare_steps:
        return Shown(tuple(labels), tuple(codes))
    # between the ends stand labels alone
    for style in LABEL_STYLES:
        for order in ("listed", "reversed"):
            shown = Shown(option_labels(len(words), style), ordered_codes(item, order))
            if set(last) <= set(zip(*shown, strict=True)):
                return shown
    return None


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))
