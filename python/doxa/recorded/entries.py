"""What all readers of other programs' files share: countries, items, options, and the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.errors import RecordingError
from doxa.outside.written import some_of
from doxa.prompt import LABELS
from doxa.recorded.recording import USUAL
from doxa.store.record import REPLY_COLUMNS
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.documents import Targets

__all__ = [
    "Kept",
    "codes_of_options",
    "countries_of",
    "fielded",
    "known_items",
    "replies_of",
]

_IDENTITY: Final = ("model", "question", *LABELS, "elicitation")
_SHOWN: Final = 3
_LONGEST: Final = 40


def countries_of(names: pl.Series, source: str, place: Callable[[int], str]) -> pl.Series:
    """Find the alpha-3 codes of countries; an empty name stays empty.

    Parameters
    ----------
    names : polars.Series
        Codes or English names.
    source : str
        The name of the file, for messages.
    place : callable
        Names the place of a row in the file.

    Raises
    ------
    RecordingError
        A name is not that of a country.

    Examples
    --------
    >>> countries_of(pl.Series(["Korea", "", "Russia", "VN"]), "a.csv", "row {}".format).to_list()
    ['KOR', '', 'RUS', 'VNM']
    """
    codes = {}
    for name in names.unique(maintain_order=True):
        code = alpha_3(name) if name else ""
        if code is None:
            row = names.index_of(name) or 0
            raise RecordingError(
                f"{source}: {place(row)}: no country {name!r}: write an ISO 3166-1 code or the "
                "English name"
            )
        codes[name] = code
    return names.replace_strict(codes, return_dtype=pl.String)


def known_items(
    rows: pl.DataFrame, bank: QuestionBank, source: str
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Keep the rows on items of the bank, and count those on others.

    Returns
    -------
    polars.DataFrame, dict of str to int
        The rows, and how many were left out and why; empty if none were.

    Raises
    ------
    RecordingError
        No row is left.
    """
    is_known = pl.col("question").is_in(list(bank.items))
    others = rows.filter(~is_known.fill_null(value=False))["question"]
    unknown = others.fill_null("").unique(maintain_order=True).to_list()
    known = rows.filter(is_known)
    if known.is_empty():
        raise RecordingError(
            f"{source}: no item of the questionnaire among its items ({_some(unknown) or 'none'}): "
            f"items are named as {next(iter(bank.items))}"
        )
    return known, {_unknown_items(unknown): others.len()} if unknown else {}


def fielded(
    rows: pl.DataFrame, targets: Collection[str] | None, source: str
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Leave out the rows that are steered towards a country outside `targets`, and count them.

    Raises
    ------
    RecordingError
        No row is left.
    """
    if targets is None:
        return rows, {}
    kept = rows.filter(pl.col("target").is_in([*targets, ""]))
    lost = rows.filter(~pl.col("target").is_in([*targets, ""]))["target"]
    if kept.is_empty() and rows.height:
        raise RecordingError(
            f"{source}: every reply is steered towards a country without human counts "
            f"({_some(lost.unique(maintain_order=True).to_list())}): bring its counts with --human"
        )
    if lost.is_empty():
        return kept, {}
    names = _some(lost.unique(maintain_order=True).to_list())
    return kept, {f"steered towards countries without human answers ({names})": lost.len()}


class Kept:
    """The replies of a log that are read, and how many are left out and why.

    Parameters
    ----------
    source : str
        The name of the file, for messages.
    bank : QuestionBank
        The questionnaire.

    Attributes
    ----------
    left_out : dict of str to int
        How many replies were left out, by the reason.
    """

    def __init__(self, source: str, bank: QuestionBank) -> None:
        self._source, self._bank = source, bank
        self._rows: list[dict[str, Any]] = []
        self._unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}

    @property
    def entries(self) -> int:
        """The number of all replies."""
        return len(self._rows) + sum(self.left_out.values()) + sum(self._unknown.values())

    def add(self, row: dict[str, Any]) -> None:
        """Keep a reply."""
        self._rows.append(row)

    def leave(self, why: str) -> None:
        """Leave a reply out."""
        self.left_out[why] = self.left_out.get(why, 0) + 1

    def leave_unknown(self, item: object, replies: int = 1) -> None:
        """Leave out replies to what is no item of the questionnaire."""
        self._unknown[str(item)] = self._unknown.get(str(item), 0) + replies

    def complete(self, further: Sequence[dict[str, Any]]) -> None:
        """Add to each reply what all of them had to be known for."""
        self._rows = [row | more for row, more in zip(self._rows, further, strict=True)]

    def frame(self, steered: Targets, targets: Collection[str] | None) -> pl.DataFrame:
        """Make a frame of the replies with the countries they are steered towards.

        Replies that are steered towards a country outside `targets` are left out.

        Raises
        ------
        RecordingError
            No reply is left.
        """
        if not self._rows and self.left_out:
            why, n = next(iter(self.left_out.items()))
            raise RecordingError(f"{self._source}: no reply can be read: {n} {why}")
        if not self.entries:
            raise RecordingError(f"{self._source}: holds no replies")
        if not self._rows:
            raise RecordingError(
                f"{self._source}: no item of the questionnaire among its {self.entries} "
                f"({_some(list(self._unknown)) or 'none'}): items are named as "
                f"{next(iter(self._bank.items))}"
            )
        rows = [row | way for row, way in zip(self._rows, steered.columns(), strict=True)]
        schema = {name: REPLY_COLUMNS[name] for name in rows[0]}
        frame, elsewhere = fielded(pl.DataFrame(rows, schema=schema), targets, self._source)
        self._rows = rows[: frame.height]
        self.left_out |= elsewhere
        if self._unknown:
            self.left_out[_unknown_items(list(self._unknown))] = sum(self._unknown.values())
            self._unknown = {}
        return frame


def _unknown_items(names: Sequence[str]) -> str:
    return f"on items that are not in the questionnaire ({_some(names)})"


def _some(names: Sequence[str]) -> str:
    shown = [name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in names]
    return some_of(shown, _SHOWN)


def codes_of_options(
    options: Sequence[str], question: str, language: str, bank: QuestionBank, source: str
) -> list[int]:
    """Find the code of each option that a file names.

    An option is a code of the item, or its words in the questionnaire, in any case. A code or
    letter with a punctuation mark may stand in front, as in "1. Very happy" or "A) Very happy".

    Raises
    ------
    RecordingError
        An option is unknown, two options mean the same, or an option of the item is missing.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> bank = QuestionBank.load()
    >>> codes_of_options(["4", "3", "2", "1"], "Q46", "en", bank, "a.jsonl")
    [4, 3, 2, 1]
    >>> codes_of_options(
    ...     ["A. Very happy", "B. Rather happy", "C. Not very happy", "D. Not at all happy"],
    ...     "Q46", "en", bank, "a.jsonl",
    ... )
    [1, 2, 3, 4]
    """
    item = bank.items[question]
    codes = item.scale.all_codes
    meanings = {str(code): code for code in codes}
    if question in bank.language(language).questions:
        words = bank.question(question, language)
        meanings |= {words.label(code).casefold(): code for code in codes}
    found = []
    for option in options:
        text = option.strip().casefold()
        head, mark, tail = text.partition(" ")
        bare = tail.strip() if mark and head[-1:] in ".):" and len(head) <= _SHOWN else text
        code = meanings.get(text, meanings.get(bare))
        if code is None:
            raise RecordingError(
                f"{source}: {question}: option {option!r} is not one of the item's: write its "
                f"codes {', '.join(map(str, codes))} or the words of the questionnaire"
            )
        found.append(code)
    if sorted(found) != sorted(codes):
        raise RecordingError(
            f"{source}: {question}: options {', '.join(options)} are not the item's "
            f"{', '.join(map(str, codes))}, each once"
        )
    return found


def replies_of(
    rows: pl.DataFrame, source: str, bank: QuestionBank, *, backend: str
) -> pl.DataFrame:
    """Convert rows to a frame of replies; repeated questions become draws.

    Parameters
    ----------
    rows : polars.DataFrame
        `model, question, language, steering, target, template, option_order, elicitation,
        status, probabilities, text`. `probabilities` follows the item's codes, or `codes` where
        the rows have them. Columns of `USUAL` may be missing. Whether there was a thought is
        unknown without `thought_status`.
    source : str
        The start of the keys of the replies.
    bank : QuestionBank
        The questionnaire, with the codes of the items.
    backend : str
        The name of the program that made the file.
    """
    codes = {name: list(item.scale.all_codes) for name, item in bank.items.items()}
    known = pl.DataFrame(
        {"question": list(codes), "codes": list(codes.values())},
        schema={"question": pl.String, "codes": pl.List(pl.Int64)},
    )
    own = pl.col("codes") if "codes" in rows.columns else pl.lit(None, pl.List(pl.Int64))
    rows = rows.with_columns(
        pl.lit(value).alias(name) for name, value in USUAL.items() if name not in rows.columns
    )
    if "thought_status" not in rows.columns:
        rows = rows.with_columns(thought_status=pl.lit("unknown"))
    filled = (
        rows.with_columns(codes=own)
        .with_row_index("row")
        .join(known, on="question", how="left", maintain_order="left")
        .with_columns(
            codes=pl.coalesce("codes", "codes_right"),
            request_key=pl.format("{}:{}", pl.lit(source), "row"),
            backend=pl.lit(backend),
            draw=pl.int_range(pl.len()).over(_IDENTITY),
        )
    )
    absent = [
        pl.lit(None, kind).alias(name)
        for name, kind in REPLY_COLUMNS.items()
        if name not in filled.columns
    ]
    return filled.with_columns(absent).select(
        pl.col(name).cast(kind) for name, kind in REPLY_COLUMNS.items()
    )
