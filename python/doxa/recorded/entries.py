"""What all readers of other programs' files share: countries, items, options, and the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.errors import RecordingError
from doxa.prompt import OFF
from doxa.store.record import REPLY_COLUMNS
from doxa.survey.countries import alpha_3

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["codes_of_options", "countries_of", "kept", "known_items", "replies_of"]

_IDENTITY: Final = (
    "model", "question", "language", "steering", "target", "template", "option_order",
    "reasoning", "elicitation",
)  # fmt: skip
_SHOWN: Final = 3


def countries_of(names: pl.Series, source: str) -> pl.Series:
    """Find the alpha-3 codes of countries; an empty name stays empty.

    Parameters
    ----------
    names : polars.Series
        Codes or English names.
    source : str
        The name of the file, for messages.

    Raises
    ------
    RecordingError
        A name is not that of a country.

    Examples
    --------
    >>> countries_of(pl.Series(["Korea", "", "Russia", "VN"]), "a.csv").to_list()
    ['KOR', '', 'RUS', 'VNM']
    """
    codes = {}
    for name in names.unique(maintain_order=True):
        code = alpha_3(name) if name else ""
        if code is None:
            row = names.index_of(name)
            raise RecordingError(
                f"{source}: row {row}: no country {name!r}: write an ISO 3166-1 code or the "
                "English name"
            )
        codes[name] = code
    return names.replace_strict(codes, return_dtype=pl.String)


def known_items(
    rows: pl.DataFrame, bank: QuestionBank, source: str
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Keep the rows on items of the bank, and name the other items.

    Returns
    -------
    polars.DataFrame, dict of str to str
        The rows, and the items left out; empty if none were.

    Raises
    ------
    RecordingError
        No row is left.
    """
    known = rows.filter(pl.col("question").is_in(list(bank.items)))
    others = rows.filter(~pl.col("question").is_in(list(bank.items)))["question"]
    unknown = others.unique(maintain_order=True).to_list()
    if known.is_empty():
        some = ", ".join(map(repr, unknown[:_SHOWN])) or "none"
        raise RecordingError(
            f"{source}: no item of the questionnaire among its items ({some}): items are named "
            f"as {next(iter(bank.items))}"
        )
    if not unknown:
        return known, {}
    return known, {"items that are not in the questionnaire": ", ".join(unknown)}


def kept(
    rows: Sequence[Mapping[str, object]],
    names: Sequence[str | None],
    targets: Collection[str] | None,
    source: str,
    bank: QuestionBank,
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Make a frame of the rows on known items, and count the others.

    Raises
    ------
    RecordingError
        No row is on a known item, or all rows are steered towards countries outside `targets`.
    """
    if not rows:
        raise RecordingError(
            f"{source}: no item of the questionnaire among its {len(names)}: items are named as "
            f"{next(iter(bank.items))}"
        )
    schema = {name: REPLY_COLUMNS[name] for name in rows[0]}
    frame = pl.DataFrame(list(rows), schema=schema)
    if targets is not None:
        frame = frame.filter(pl.col("target").is_in([*targets, ""]))
        if frame.is_empty():
            raise RecordingError(
                f"{source}: every reply is steered towards a country without human counts"
            )
    others = sum(name is None for name in names)
    unknown = {"replies on items that are not in the questionnaire": str(others)}
    return frame, unknown if others else {}


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
        the rows have them. Without `reasoning` no thought was asked for; whether there was one is
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
    if "reasoning" not in rows.columns:
        rows = rows.with_columns(reasoning=pl.lit(OFF))
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
