"""Writing the questionnaire of a language as JSON Lines or CSV, and reading such a file back.

Each row is an item, with the fields of `doxa.questionnaire.question_records`. In CSV its two lists,
`choices` and `choice_keys`, are written as JSON. A step of a scale without words is written as its
number; reading ignores this number.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from doxa.errors import QuestionnaireError
from doxa.files import reason
from doxa.outside.documents import json_of, literal_of
from doxa.outside.quoting import from_cell, to_cell
from doxa.questionnaire.question_records import FIELDS, json_lines, question_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doxa.questionnaire import Item, QuestionBank

__all__ = ["ImportedQuestions", "export_questions", "import_questions"]

_Wording: TypeAlias = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class ImportedQuestions:
    """The contents of a file of questions.

    Parameters
    ----------
    items : tuple of str
        Items that were read, in the bank's order.
    missing : tuple of str
        Items of the bank that the file lacks.
    unknown : tuple of str
        Items of the file that the bank lacks; they were ignored.
    toml : str
        A language file with the wording read. Prompt texts and names of countries are copied from
        the bank's file of that language. If the bank has none, the user must complete them: the
        texts and names are left out, the language is named by its code and its script is ``"Zzzz"``
        (unknown).
    """

    items: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    toml: str

    def report(self) -> str:
        """Say in a few lines what was read and what is missing."""
        lines = [f"read {len(self.items)} items"]
        if self.missing:
            lines.append(f"missing {len(self.missing)}: {', '.join(self.missing)}")
        if self.unknown:
            lines.append(f"not in the bank {len(self.unknown)}: {', '.join(self.unknown)}")
        return "\n".join(lines)


def export_questions(bank: QuestionBank, language: str, *, format: str = "jsonl") -> str:  # noqa: A002
    r"""Write the items of a bank in one language, for editing.

    Parameters
    ----------
    bank : QuestionBank
        The question bank.
    language : str
        One of its languages.
    format : {"jsonl", "csv"}
        One JSON object per line, or CSV with a header.

    Raises
    ------
    QuestionnaireError
        The language or the format is unknown.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> text = export_questions(QuestionBank.load(), "en")
    >>> sorted(json.loads(text.splitlines()[0]))
    ['answer', 'choice_keys', 'choices', 'id', 'question', 'type']
    """
    records = [
        question_record(
            item_id,
            question.text,
            [(code, question.label(code)) for code in question.listed_codes],
            question.item.scale.kind,
        )
        for item_id, question in bank.language(language).questions.items()
    ]
    if format == "jsonl":
        return json_lines(records)
    if format != "csv":
        raise QuestionnaireError(f"no format {format!r}: write jsonl or csv")
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow(
            {
                key: to_cell(_string(value) if isinstance(value, list) else str(value))
                for key, value in record.items()
            }
        )
    return text.getvalue()


def import_questions(path: Path | str, language: str, *, bank: QuestionBank) -> ImportedQuestions:
    """Read the wording of a language from a file of questions.

    Put the text of `ImportedQuestions.toml` into a bank's folder as ``<language>.toml`` to use it.

    Parameters
    ----------
    path : pathlib.Path or str
        A ``.jsonl`` or ``.csv`` file with the fields `id`, `question`, `choices`, `choice_keys`;
        `answer` and `type` may be left out.
    language : str
        Code of the file's language, such as ``ja``.
    bank : QuestionBank
        The bank with the items.

    Raises
    ------
    QuestionnaireError
        The file cannot be read, names no item of the bank, or has a row that does not fit its item.
        The message names the file and the row.
    """
    path = Path(path)
    found: dict[str, _Wording] = {}
    unknown: list[str] = []
    for number, row in _rows(path):
        item_id = str(row.get("id", ""))
        if item_id in found or item_id in unknown:
            raise _error(path, number, f"item {item_id} is there twice: remove one")
        if item_id not in bank.items:
            unknown.append(item_id)
            continue
        found[item_id] = _wording(bank.items[item_id], row, path, number)
    if not found:
        named = ", ".join(name or "no id" for name in unknown[:4]) or "it has no rows"
        raise QuestionnaireError(
            f"{path}: no item of the questionnaire is in it ({named}): name items in the field "
            f'"id", such as {next(iter(bank.items))}'
        )
    items = tuple(item for item in bank.items if item in found)
    missing = tuple(item for item in bank.items if item not in found)
    text = _toml(language, {item: found[item] for item in items}, bank)
    return ImportedQuestions(items, missing, tuple(unknown), text)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Iterate over the rows of a file, each with the number of its line."""
    if path.suffix not in (".jsonl", ".csv"):
        raise QuestionnaireError(f"{path}: is neither .jsonl nor .csv: give the right ending")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionnaireError(f"{path}: cannot be read ({reason(error)})") from None
    except UnicodeDecodeError:
        raise QuestionnaireError(f"{path}: is not UTF-8: save it as UTF-8") from None
    if path.suffix == ".csv":
        try:
            for number, cells in enumerate(csv.DictReader(io.StringIO(text)), start=2):
                yield (
                    number,
                    {
                        key: from_cell(cell) if isinstance(cell, str) else cell
                        for key, cell in cells.items()
                    },
                )
        except csv.Error as error:
            raise QuestionnaireError(f"{path}: is not CSV ({error}): save it again") from None
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json_of(line)
        except ValueError as error:
            raise _error(path, number, f"is not JSON ({error}): correct it") from None
        if not isinstance(row, dict):
            raise _error(path, number, "is not a JSON object: write {…}")
        yield number, row


def _wording(item: Item, row: Mapping[str, object], path: Path, number: int) -> _Wording:
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise _error(path, number, f"item {item.id} has no question: write it")
    choices = [str(choice).strip() for choice in _list(row, "choices", path, number)]
    keys = [str(key).strip() for key in _list(row, "choice_keys", path, number)]
    if len(choices) != len(keys):
        raise _error(path, number, f"{len(choices)} choices for {len(keys)} keys: give one each")
    label_of = dict(zip(keys, choices, strict=True))
    labelled = [str(code) for code in item.listed if code in item.labelled]
    for key in labelled:
        if not label_of.get(key):
            listed = ", ".join(labelled)
            raise _error(path, number, f"item {item.id} needs a choice for each key of {listed}")
    for key in keys:
        if key not in {str(code) for code in item.listed}:
            raise _error(path, number, f"item {item.id} has no code {key}: remove that choice")
    return " ".join(text.split()), [label_of[key] for key in labelled]


def _list(row: Mapping[str, object], key: str, path: Path, number: int) -> list[object]:
    """Read a list; a CSV cell may hold it as JSON or as Python prints it."""
    value = row.get(key)
    if isinstance(value, dict):
        value = list(value.values() if key == "choices" else value)
    if isinstance(value, str):
        try:
            value = json_of(value)
        except ValueError:
            try:
                value = literal_of(value)
            except ValueError:
                raise _error(path, number, f"{key} is not a list: write it as JSON") from None
    if not isinstance(value, list):
        raise _error(path, number, f"{key} is not a list: write one")
    return value


def _error(path: Path, number: int, message: str) -> QuestionnaireError:
    return QuestionnaireError(f"{path}, line {number}: {message}")


def _toml(language: str, wording: Mapping[str, _Wording], bank: QuestionBank) -> str:
    """Write a language file."""
    base = bank.language(language) if language in bank.languages else None
    head = {
        "code": language,
        "name": base.name if base else language,
        "english_name": base.english_name if base else language,
        "script": base.script if base else "Zzzz",
        "direction": base.direction if base else "ltr",
    }
    lines = ["[language]", *(f"{key} = {_string(value)}" for key, value in head.items())]
    lines += ["", "[answers]", "", "[items]"]
    for item_id, (text, labels) in wording.items():
        answers = ", ".join(_string(label) for label in labels)
        lines.append(f"{item_id} = {{ text = {_string(text)}, answers = [{answers}] }}")
    if base:
        flat = {k: v for k, v in base.prompt.items() if isinstance(v, str)}
        lines += ["", "[prompt]", *(f"{key} = {_string(value)}" for key, value in flat.items())]
        for key, variants in base.prompt.items():
            if not isinstance(variants, str):
                lines += ["", f"[prompt.{key}]"]
                lines += [f"{variant} = {_string(text)}" for variant, text in variants.items()]
        lines += ["", "[groups]", *(_line(key, words) for key, words in base.groups.items())]
        lines += ["", "[countries]"]
        for code, country in base.countries.items():
            lines.append(_line(code, {"name": country.name, "people": country.people}))
    return "\n".join(lines) + "\n"


def _line(key: str, words: Mapping[str, str]) -> str:
    """Write texts by key as one line."""
    inside = ", ".join(f"{name} = {_string(text)}" for name, text in words.items())
    return f"{key} = {{ {inside} }}"


def _string(value: object) -> str:
    # A string or a list of strings is the same in JSON and in TOML.
    return json.dumps(value, ensure_ascii=False)
