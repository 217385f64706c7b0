"""The data of the item explorer: wording, both distributions, prompts and raw replies.

Most of it is in blocks, which the page unpacks only when a reader opens them: the answers of
people, the answers of one model, its replies, and the prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.report.forms import form_labels, named_forms, with_form
from doxa.report.pack import pack_json, pack_numbers, shares_per_mille
from doxa.report.tables import columns, with_condition
from doxa.report.words import join, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.questionnaire import QuestionBank
    from doxa.report.tables import ShownCondition

__all__ = ["ANSWER_BYTES", "FORM_BYTES", "PROMPT_BYTES", "REPLY_BYTES", "explorer", "no_room"]

_TEXTS: Final = ("system", "user", "reply_start")

REPLY_BYTES: Final = 1_400_000
"""The most bytes of raw replies in the file; further replies are only counted."""

ANSWER_BYTES: Final = 2_000_000
"""The most bytes of models' answers item by item; of further ways of asking they are left out."""

PROMPT_BYTES: Final = 1_000_000
"""The most bytes of prompts; those of further ways of asking are left out."""

FORM_BYTES: Final = 800_000
"""The most bytes of answers form by form; those of further ways of asking are only counted."""

_REPLY_FIELDS: Final = ("question", "form", "draw", "status", "off_option_mass", "text")
_THOUGHT_FIELDS: Final = ("thought", "thought_status")
_GROUP: Final = ["model", "elicitation"]


def explorer(
    *,
    replies: pl.DataFrame,
    model: pl.DataFrame,
    human: pl.DataFrame,
    prompts: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    bank: QuestionBank,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Gather the data of the item explorer.

    Parameters
    ----------
    replies, model, human, prompts : polars.DataFrame
        As `doxa.evaluate.Evaluation` has them.
    conditions : sequence of ShownCondition
        Those of the report; rows refer to them by position.
    bank : QuestionBank
        The items and their wording.

    Returns
    -------
    index : dict
        The items, and which block holds what.
    blocks : dict of str to str
        The blocks by name.
    """
    asked = set(model["question"])
    items = {item: position for position, item in enumerate(i for i in bank.items if i in asked)}
    widths = [len(bank.items[item].scale.codes) for item in items]
    languages = sorted({condition.language for condition in conditions} | {"en"})
    replies, model, human = (_numbered(frame, items) for frame in (replies, model, human))
    forms = named_forms(replies)
    replies = with_form(replies, forms)
    model, replies = (with_condition(frame, conditions) for frame in (model, replies))
    people = human.select("country", "wave").unique().sort("wave", "country")
    blocks = {
        "people": _answers(human.with_columns(count=_respondents(human)), people, widths),
    }
    blocks["prompts"], prompts_left_out = _prompts(replies, prompts, PROMPT_BYTES)
    answers, left_out, forms_left_out, ways_left_out = [], 0, 0, 0
    groups = pl.concat([model.select(_GROUP), replies.select(_GROUP)]).unique().sort(_GROUP)
    for number, group in enumerate(groups.rows(named=True)):
        own = model.filter(**group).with_columns(count=pl.col("n_replies"))
        rows = own.select("condition").unique().sort("condition")
        blocks[f"answers-{number}"], rows = _fitting(
            own, rows, widths, ANSWER_BYTES // groups.height
        )
        ways_left_out = max(ways_left_out, own["condition"].n_unique() - rows.height)
        blocks[f"replies-{number}"], lost = _replies(
            replies.filter(**group), REPLY_BYTES // groups.height
        )
        left_out += lost
        blocks[f"forms-{number}"], lost = _forms(own, forms, FORM_BYTES // groups.height)
        forms_left_out += lost
        answers.append({**group, "conditions": rows["condition"].to_list()})
    index = {
        "questions": [_question(item, languages, bank) for item in items],
        "forms": form_labels(forms),
        "languages": {
            code: {"direction": bank.language(code).direction}
            for code in languages
            if code in bank.languages
        },
        "people": people.rows(),
        "answers": answers,
        "waysLeftOut": ways_left_out,
        "promptsLeftOut": prompts_left_out,
        "repliesLeftOut": left_out,
        "formsLeftOut": forms_left_out,
    }
    return index, blocks


def no_room(index: Mapping[str, Any]) -> str:
    """Say which answers, prompts and replies a page has no room for; nothing if it has all.

    Examples
    --------
    >>> text = no_room({"waysLeftOut": 0, "promptsLeftOut": 2, "repliesLeftOut": 1500})
    >>> text[:80]
    'To stay small this page leaves out the prompts of 2 ways of asking and 1,500 raw'
    """
    parts = []
    if ways := index["waysLeftOut"]:
        parts.append(f"the answers item by item of {plural(ways, 'way')} of asking")
    if ways := index["promptsLeftOut"]:
        parts.append(f"the prompts of {plural(ways, 'way')} of asking")
    if replies := index["repliesLeftOut"]:
        parts.append(f"{replies:,} raw replies")
    if not parts:
        return ""
    return (
        f"To stay small this page leaves out {join(parts)}: what comes first has room, asking "
        "without steering before steering. All scores are here; “doxa export” writes every reply."
    )


def _respondents(human: pl.DataFrame) -> pl.Expr:
    """Pack how many people answered, and how that is known, into one number.

    It is four times the number of respondents (of published shares the size of the sample, 0 where
    unknown), plus 2 for published shares, plus 1 for unweighted ones.
    """
    number = pl.coalesce("n", "n_effective", pl.lit(0.0)).round()
    told = "weighted" in human.columns
    plain = ~pl.col("weighted") if told else pl.lit(value=False)
    return 4 * number + 2 * pl.col("n").is_null() + plain.fill_null(value=False)


def _question(item_id: str, languages: Sequence[str], bank: QuestionBank) -> dict[str, Any]:
    item = bank.items[item_id]
    wording: dict[str, dict[str, Any]] = {}
    for language in languages:
        if language in bank.languages and item_id in bank.items_for(language):
            question = bank.question(item_id, language)
            wording[language] = {"text": question.text, "labels": list(question.labels)}
            if doubts := bank.language(language).doubts_about(item_id):
                wording[language]["doubts"] = list(doubts)
    return {
        "id": item_id,
        "topic": bank.topics.get(item.topic, item.topic),
        "kind": item.scale.kind,
        "codes": list(item.scale.codes),
        "positions": list(item.scale.positions),
        "wording": wording,
    }


def _numbered(frame: pl.DataFrame, items: Mapping[str, int]) -> pl.DataFrame:
    """Replace items by their positions; leave out rows of other items."""
    return frame.filter(pl.col("question").is_in(list(items))).with_columns(
        pl.col("question").replace_strict(items, return_dtype=pl.Int64)
    )


def _answers(frame: pl.DataFrame, rows: pl.DataFrame, widths: Sequence[int]) -> str:
    """Pack distributions as three grids with a line for each of `rows`.

    The first holds the shares in thousandths, item after item, without the last option of each
    item, which is the remainder. The second holds the mass off the scale in thousandths. The
    third holds the number of answers, 0 if the item was not answered.
    """
    start = np.concatenate([[0], np.cumsum(np.array(widths, dtype=np.int64) - 1)])
    shares = np.zeros((rows.height, start[-1]), dtype=np.int64)
    beside, counts = np.zeros((2, rows.height, len(widths)), dtype=np.int64)
    placed = frame.join(rows.with_row_index("row"), on=rows.columns, how="left")
    for (question,), part in placed.group_by("question"):
        at, row = int(str(question)), part["row"].to_numpy()
        values = np.array(part["probabilities"].to_list(), dtype=np.float64)
        shares[row, start[at] : start[at + 1]] = shares_per_mille(values)[:, :-1]
        beside[row, at] = np.rint(1000 * part["off_scale_mass"].fill_null(0).to_numpy())
        counts[row, at] = np.maximum(1, np.rint(part["count"].to_numpy()))
    return pack_numbers([shares, beside, counts])


def _fitting(
    frame: pl.DataFrame, rows: pl.DataFrame, widths: Sequence[int], limit: int
) -> tuple[str, pl.DataFrame]:
    """Pack the answers of as many of `rows`, the first ones, as fit; also give these rows."""
    block = _answers(frame, rows, widths)
    while len(block) > limit and rows.height > 1:
        rows = rows.head(max(1, min(rows.height - 1, rows.height * limit // len(block))))
        block = _answers(frame.join(rows, on=rows.columns, how="semi"), rows, widths)
    return block, rows


def _replies(replies: pl.DataFrame, limit: int) -> tuple[str, int]:
    """Pack one model's replies, as many as fit, and count those that do not.

    Each line holds the replies of one condition and draw, sorted by draw, then by condition.
    """
    lines, size, kept = [], 0, 0
    chunks = replies.sort("draw", "condition").partition_by("draw", "condition")
    for chunk in chunks:
        thinks = (chunk["thought"] != "").any()
        fields = (*_REPLY_FIELDS, *_THOUGHT_FIELDS) if thinks else _REPLY_FIELDS
        block = pack_json(columns(chunk.select(fields)))
        size += len(block)
        if size > limit:
            break
        kept += chunk.height
        lines.append(f"{chunk['condition'][0]} {block}")
    return "\n".join(lines), replies.height - kept


def _forms(own: pl.DataFrame, forms: Sequence[str], limit: int) -> tuple[str, int]:
    """Pack one model's answers to each form of the items that it was asked in several forms.

    Each line holds one condition: items, the positions of their forms, and for each the shares in
    thousandths. Also return for how many conditions there was no room.
    """
    places = {name: place for place, name in enumerate(forms)}
    lines, size, lost = [], 0, 0
    several = own.filter(pl.col("n_forms") > 1).sort("condition", "question")
    for (condition,), part in several.group_by("condition", maintain_order=True):
        shares = [
            shares_per_mille(np.array(by_option, dtype=np.float64).T).tolist()
            for by_option in part["forms"].to_list()
        ]
        named = [[places[name] for name in names] for names in part["form_names"].to_list()]
        block = pack_json(
            {"question": part["question"].to_list(), "forms": named, "shares": shares}
        )
        size += len(block)
        if size > limit:
            lost += 1
            continue
        lines.append(f"{condition} {block}")
    return "\n".join(lines), lost


def _prompts(replies: pl.DataFrame, prompts: pl.DataFrame, limit: int) -> tuple[str, int]:
    """Pack what was sent, once for all models, and count the conditions that do not fit.

    Each paragraph stands once: prompts share the instruction, the examples, the item.
    """
    keys = ["condition", "question", "elicitation", "form"]
    sent = (
        replies.unique(keys, maintain_order=True)
        .select(*keys, "request_key")
        .join(prompts.unique("request_key"), on="request_key")
        .sort(keys)
    )
    block, conditions = _prompt_block(sent, keys), sent["condition"].unique().sort()
    kept = conditions
    while len(block) > limit and len(kept) > 1:
        kept = kept.head(max(1, min(len(kept) - 1, len(kept) * limit // len(block))))
        block = _prompt_block(sent.filter(pl.col("condition").is_in(kept.implode())), keys)
    return block, len(conditions) - len(kept)


def _prompt_block(sent: pl.DataFrame, keys: Sequence[str]) -> str:
    split = {name: sent[name].fill_null("").str.split("\n\n") for name in _TEXTS}
    known = pl.concat([texts.explode() for texts in split.values()]).unique(maintain_order=True)
    numbers = {
        name: texts.cast(pl.List(pl.Enum(known))).list.eval(pl.element().to_physical())
        for name, texts in split.items()
    }
    parts = pl.DataFrame(numbers).to_dict(as_series=False)
    return pack_json({"paragraphs": known.to_list(), **columns(sent.select(keys)), **parts})
