"""Labels that a user settles, for words in a file that doxa's own tables lack.

::

    [Q1]                        # an item: for each label the code of an answer
    "Quite importantly" = 2
    "Didn't say" = -2           # or of the reason that it is missing: -1 "don't know", -2 "no
                                # answer", -3 "not applicable", -4 "not asked", -5 "missing"
    [everywhere]                # the same for all items
    "Ikke svar" = -2
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from doxa.errors import QuestionnaireError, SurveyError
from doxa.files import reason, replacing
from doxa.questionnaire.missing import MISSING_REASONS, UNKNOWN
from doxa.questionnaire.strict_toml import read_toml
from doxa.survey.codes import answer_codes
from doxa.survey.labels import label_key, words_of
from doxa.survey.matching import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from doxa.questionnaire.item import Item
    from doxa.questionnaire.strict_toml import TomlTable
    from doxa.survey.layout import Variable

__all__ = ["OwnLabels", "UnknownLabel", "read_labels", "write_labels"]

_EVERYWHERE: Final = "everywhere"
_SHOWN: Final = 120
"""How many letters of a label are shown."""


@dataclass(frozen=True, slots=True)
class UnknownLabel:
    """A value in an item's column that no table knows.

    Attributes
    ----------
    item : str
        The item.
    label : str
        The value, as the file has it.
    n : int
        How many respondents have it.
    nearest : mapping of str to int
        The known labels most like it, with their codes; the likest first.
    """

    item: str
    label: str
    n: int
    nearest: Mapping[str, int]

    @classmethod
    def of(cls, item: Item, place: Variable, label: str, n: int) -> UnknownLabel:
        """Describe a value, with the nearest labels of its item."""
        known = place.labels or {w: code for code, words in words_of(item).items() for w in words}
        return cls(item.id, label, n, {word: known[word] for word in nearest(label, known)})

    def __str__(self) -> str:
        """Show the value, how often it occurs, and what it is most like."""
        like = ", ".join(f"{word!r} = {code}" for word, code in self.nearest.items())
        shown = self.label if len(self.label) <= _SHOWN else f"{self.label[:_SHOWN]}…"
        return f"{self.item}: {shown!r} ({self.n:,})" + (f", like {like}" if like else "")


@dataclass(frozen=True, slots=True)
class OwnLabels:
    """Labels that a user settled.

    Attributes
    ----------
    by_item : mapping of str to mapping of str to int
        The code of each label, by item; labels as `doxa.survey.labels.label_key` makes
        them.
    everywhere : mapping of str to int
        Labels of missing answers, in all items.
    """

    by_item: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    everywhere: Mapping[str, int] = field(default_factory=dict)

    def of(self, item: str) -> dict[str, int]:
        """Give the labels that hold for an item."""
        return {**self.everywhere, **self.by_item.get(item, {})}


def read_labels(path: Path, items: Mapping[str, Item]) -> OwnLabels:
    """Read a file of labels, in the format at the top of this module.

    Parameters
    ----------
    path : pathlib.Path
        A TOML file.
    items : mapping of str to Item
        The items that it may name.

    Raises
    ------
    SurveyError
        The file cannot be read, names an unknown item, or gives a label a code that is neither an
        answer of its item nor a reason.
    """
    try:
        file = read_toml(path)
        everywhere = _codes(file.optional_table(_EVERYWHERE), set(MISSING_REASONS))
        by_item = {}
        for name, table in file.tables():
            if name not in items:
                raise table.error("is not an item: correct its name")
            by_item[name] = _codes(table, {*answer_codes(items[name]), *MISSING_REASONS})
    except QuestionnaireError as error:
        raise SurveyError(str(error)) from None
    return OwnLabels(by_item, everywhere)


def _codes(table: TomlTable, allowed: set[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for label in table.remaining():
        code = table.take(label, int)
        if code not in allowed:
            codes = ", ".join(map(str, sorted(allowed)))
            raise table.error(f"is {code}: write one of {codes}", label)
        if found.setdefault(label_key(label), code) != code:
            raise table.error("is there twice, with two codes: remove one", label)
    return found


def write_labels(
    path: Path, unknown: Sequence[tuple[str, UnknownLabel]], items: Mapping[str, Item]
) -> None:
    """Write a file of labels for the user to complete.

    Each label is a comment with the nearest label's code, until the user says that it is right by
    removing the mark before it.

    Parameters
    ----------
    path : pathlib.Path
        The file, which must not exist: it may hold what a user has settled.
    unknown : sequence of tuple
        The unknown labels: for each its file and the label.
    items : mapping of str to Item
        The items.

    Raises
    ------
    SurveyError
        The file exists or cannot be written.
    """
    reasons = ", ".join(f"{code} {reason}" for code, reason in MISSING_REASONS.items())
    lines = [
        "# Labels that doxa does not know. Give each the code of the answer that it stands for, or",
        f"# of the reason that it is missing ({reasons}),",
        "# and remove the mark before the line; then import with --labels and this file.",
        "# A label of missing answers that many items have may stand once, under [everywhere].",
    ]
    by_item: dict[str, dict[str, list[tuple[str, UnknownLabel]]]] = {}
    for file, one in unknown:
        by_item.setdefault(one.item, {}).setdefault(one.label, []).append((file, one))
    for item, labels in by_item.items():
        known = {code: words[0] for code, words in words_of(items[item]).items()}
        lines += ["", f"[{item}]", f"# {'; '.join(f'{c} {w}' for c, w in known.items())}"]
        for label, found in labels.items():
            like, code = next(iter(found[0][1].nearest.items()), ("nothing known", UNKNOWN))
            where = ", ".join(f"{one.n:,} in {file}" for file, one in found)
            lines.append(f"# {json.dumps(label, ensure_ascii=False)} = {code}  # {where}; {like!r}")
    if path.exists():
        raise SurveyError(f"{path}: exists: name a new file for the labels to settle")
    try:
        with replacing(path) as partial:
            partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise SurveyError(f"{path}: cannot be written ({reason(error)})") from None
