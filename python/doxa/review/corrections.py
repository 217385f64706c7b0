"""Taking the corrections of a sheet into the file of its language, all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doxa.errors import QuestionnaireError
from doxa.files import replacing
from doxa.prompt.texts import texts
from doxa.questionnaire import QuestionBank
from doxa.review.places import Place, places, raw_file
from doxa.review.reading import Row, read_sheet
from doxa.review.record import read_record, record_text
from doxa.review.toml_text import TomlText

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from doxa.questionnaire import Language

__all__ = ["Taken", "take_sheet"]


@dataclass(slots=True)
class Taken:
    """What was taken from a sheet.

    Parameters
    ----------
    language : str
        Its code.
    changed, confirmed, unsure : list of str
        The texts that got other words, are right as they were, or are doubted.
    stale : list of str
        Texts whose words changed since the sheet was written: nothing was taken of their rows.
    unread : list of str
        Texts of the language that the sheet says nothing of.
    recorded : int
        How many rows the record gained; a sheet that is taken again adds none.
    complete : bool
        Whether the head of the file states this reading: every text was read.
    """

    language: str
    changed: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    recorded: int = 0
    complete: bool = False

    def report(self) -> str:
        """Say in a few lines what was taken."""
        lines = [
            f"{self.language}: {len(self.changed)} texts changed, {len(self.confirmed)} confirmed, "
            f"{len(self.unsure)} doubted; {self.recorded} rows more in the record"
        ]
        if self.stale:
            lines.append(
                f"not taken, for their words have changed since the sheet was written: "
                f"{', '.join(self.stale)}: write a new sheet for them"
            )
        lines.append(
            "every text was read: the file says so"
            if self.complete
            else f"{len(self.unread)} texts were not read: the file's review stays as it was"
        )
        return "\n".join(lines)


def take_sheet(
    path: Path,
    bank: QuestionBank,
    *,
    record: Path,
    on: date,
    reviewer: str = "",
    native: bool = False,
    out: Path | None = None,
) -> Taken:
    """Take the corrections of a sheet into the file of its language, and keep the record.

    Nothing is written unless every row is valid and the changed file is one that doxa reads.

    Parameters
    ----------
    path : pathlib.Path
        The sheet.
    bank : QuestionBank
        The bank whose language file is changed.
    record : pathlib.Path
        The folder of the records, which holds ``<language>.csv``.
    on : datetime.date
        When it was read.
    reviewer : str, optional
        Who read the rows that name nobody.
    native : bool
        Whether the reviewers are native speakers; their word settles the author's doubts.
    out : pathlib.Path, optional
        A folder for the changed file and the record. Default: they are changed where they are.

    Raises
    ------
    QuestionnaireError
        A row is not valid, or the changed file would not be.
    """
    code, rows = read_sheet(path, reviewer)
    known = places(bank, code)
    language = bank.language(code)
    taken = Taken(code)
    rows = [row for row in rows if not _is_stale(row, known, taken)]
    file = _Edited(language, bank)
    # sets and stems first: an item's own words are what differs from them
    rows.sort(key=lambda row: not row.id.startswith(("batteries.", "answers.")))
    entries = [_take(row, known[row.id], file, taken, native=native, on=on) for row in rows]
    before = read_record(record / f"{code}.csv")
    last = {one["item"]: _said(one) for one in before}
    new = [one for one in entries if last.get(one["item"]) != _said(one)]
    taken.recorded = len(new)
    taken.unread = [name for name in known if name not in {row.id for row in rows}]
    taken.complete = bool(new) and not taken.unread
    if taken.complete:
        file.state_review(native=native, on=on)
    text = str(file.text)
    _check(text, bank, code)
    toml, csv = (out or language.path.parent) / language.path.name, (out or record) / f"{code}.csv"
    with replacing(toml) as partial_toml, replacing(csv) as partial_csv:
        partial_toml.write_text(text, encoding="utf-8")
        partial_csv.write_text(record_text([*before, *new]), encoding="utf-8")
    return taken


def _said(entry: Mapping[str, str]) -> tuple[str, ...]:
    return entry["verdict"], entry["change"], entry["reviewer"]


def _is_stale(row: Row, known: Mapping[str, Place], taken: Taken) -> bool:
    if row.id not in known:
        raise QuestionnaireError(f"{row.place}: is no text of this language: correct its id")
    stale = row.hash != known[row.id].hash
    if stale:
        taken.stale.append(row.id)
    return stale


def _take(
    row: Row, place: Place, file: _Edited, taken: Taken, *, native: bool, on: date
) -> dict[str, str]:
    """Take a row into the file, and give its entry of the record."""
    unknown = [code for code in row.options if code not in place.options]
    if unknown or (row.text and not place.text):
        there = ", ".join(place.options) or "none"
        wrong = f"no option {unknown[0]}; there are: {there}" if unknown else "options alone"
        raise QuestionnaireError(f"{row.place}: has {wrong}: correct the row")
    text = _spaced(row.text, place.text) if row.text else place.text
    options = dict(place.options) | dict(row.options)
    change, verdict = "", "same"
    if text != place.text or options != dict(place.options):
        file.change(place, text, options)
        taken.changed.append(place.id)
        verdict, change = (
            "changed",
            f"{_words(place.text, place.options)} → {_words(text, options)}",
        )
    if row.right == "unsure":
        taken.unsure.append(place.id)
        verdict = "changed" if change else "unsure"
        file.doubt(place, row.comment)
    elif native:
        file.settle(place)
    if verdict == "same":
        taken.confirmed.append(place.id)
    said = " — ".join(part for part in (change, row.comment) if part)
    return {
        "item": row.id, "back_translation": "", "verdict": verdict, "change": said,
        "reviewer": row.reviewer, "date": on.isoformat(),
    }  # fmt: skip


def _spaced(new: str, old: str) -> str:
    """Give a text the spaces at its ends that the old one has: a spreadsheet shows none."""
    return old[: len(old) - len(old.lstrip())] + new + old[len(old.rstrip()) :]


def _words(text: str, options: Mapping[str, str]) -> str:
    return " / ".join(part for part in (text, " | ".join(options.values())) if part)


class _Edited:
    """The file of a language, under change."""

    def __init__(self, language: Language, bank: QuestionBank) -> None:
        self._language, self._bank = language, bank
        self._raw = raw_file(language)
        self._batteries: dict[str, dict[str, Any]] = self._raw.get("batteries", {})
        self.text = TomlText(language.path.read_text(encoding="utf-8"))

    def change(self, place: Place, text: str, options: Mapping[str, str]) -> None:
        """Write the new words of a text."""
        table, _, rest = place.id.partition(".")
        if table == "answers":
            self._raw["answers"][rest] = list(options.values())
            self.text.set(table, rest, list(options.values()))
        elif table == "batteries":
            self._batteries[rest]["stem"] = text
            self.text.set(place.id, "stem", text)
        elif table == "wordings":
            wording, _, item = rest.partition(".")
            self.text.set(f"wordings.{wording}", item, text)
        elif table == "prompt":
            key, _, variant = rest.rpartition(".")
            self.text.set(f"prompt.{key}" if key else "prompt", variant, text)
        elif table in ("groups", "countries"):
            self.text.set(table, rest, dict(options))
        else:
            self._change_item(place, text, list(options.values()))

    def _change_item(self, place: Place, text: str, labels: list[str]) -> None:
        battery = next((name for name, held in self._batteries.items() if place.id in held), "")
        table = f"batteries.{battery}" if battery else "items"
        held = self._batteries[battery] if battery else self._raw["items"]
        entry = held[place.id] if isinstance(held[place.id], dict) else {"text": held[place.id]}
        if text != place.text:
            before, _, after = held["stem"].partition("{item}") if battery else ("", "", "")
            inside = text[len(before) : len(text) - len(after)]
            if battery and not (inside.strip() and before + inside + after == text):
                # it no longer fits the stem, so it is written whole
                self.text.remove(table, place.id)
                table, inside = "items", text
            entry["text"] = inside
        if labels != list(place.options.values()):
            entry["answers"] = labels
        if entry.get("answers") == self._raw["answers"].get(self._bank.items[place.id].answers):
            entry.pop("answers", None)
        self.text.set(table, place.id, entry if "answers" in entry else entry["text"])

    def doubt(self, place: Place, comment: str) -> None:
        """Write why a text is doubted."""
        for name in self._names(place):
            self.text.set("uncertain", name, comment)

    def settle(self, place: Place) -> None:
        """Remove the author's doubt about a text."""
        if place.doubt:
            for name in self._names(place):
                self.text.remove("uncertain", name)

    def _names(self, place: Place) -> list[str]:
        """Give the names that doubts about a text stand under."""
        table, _, rest = place.id.partition(".")
        if table == "batteries":
            return [name for name in self._batteries[rest] if name != "stem"]
        if table == "wordings":
            return [rest.partition(".")[2]]
        return [rest.partition(".")[0] or table]

    def state_review(self, *, native: bool, on: date) -> None:
        """State in the file that every text was read once more."""
        reviews = {"language": self._language.review}
        if self._language.wordings:
            reviews["wordings"] = self._language.wordings_review
        for table, review in reviews.items():
            first = review.readers == 0
            kind = "native" if native else "one reader" if first else review.kind
            self.text.set(table, "review", kind)
            self.text.set(table, "readers", review.readers + 1)
            self.text.set(table, "reviewed", on)


def _check(text: str, bank: QuestionBank, code: str) -> None:
    """Read the changed file as doxa will."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in ("items", "countries"):
            shutil.copy(bank.path / f"{one}.toml", folder)
        (folder / f"{code}.toml").write_text(text, encoding="utf-8")
        changed = QuestionBank.load(folder)
        try:
            language = changed.language(code)
            if language.prompt:
                texts(changed, code)
        except QuestionnaireError as error:
            raise QuestionnaireError(str(error).replace(name, "with these corrections")) from None
    for item, question in language.questions.items():
        labels = [label.casefold() for label in question.labels if label]
        if len(set(labels)) < len(labels):
            raise QuestionnaireError(f"with these corrections, {item} has two options alike")
        further = "".join(texts[item] for texts in language.wordings.values())
        if any(letter.isdigit() for letter in question.text + further + "".join(question.labels)):
            raise QuestionnaireError(f"with these corrections, {item} holds a digit: use words")
