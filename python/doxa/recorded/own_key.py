"""Rows that doxa wrote for other programs, found in their logs by the object that each carries.

What the model answered goes to the reader that doxa's own replies go to. See docs/interop.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from doxa.backend.request import Answer
from doxa.elicit import ELICITATIONS
from doxa.elicit.outcome import outcome
from doxa.errors import RecordingError
from doxa.harness.key import NAME, Key, question_hash
from doxa.prompt import LABELS
from doxa.recorded.entries import replies_of
from doxa.recorded.likelihoods import MOST, Scored, alone, nesting, told_open
from doxa.recorded.recording import PROMPT_COLUMNS, Recording
from doxa.store.record import REPLY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from doxa.elicit import Reading
    from doxa.prompt import Prompt
    from doxa.questionnaire import QuestionBank

__all__ = ["Asked", "asked_of", "read_asked"]

_SHOWN: Final = 6


class Asked(NamedTuple):
    """A row, and what was answered to it.

    Attributes
    ----------
    key : Key
        How it was asked.
    prompt : Prompt
        The prompt that was sent.
    answers : list of Answer
        One for each reply.
    greedy : tuple of bool
        Where whole labels were scored: whether greedy decoding would write each.
    """

    key: Key
    prompt: Prompt
    answers: list[Answer]
    greedy: tuple[bool, ...] = ()


def asked_of(row: Mapping[str, Any], place: str, sent: Mapping[str, Any]) -> tuple[Key, Prompt]:
    """Read how a row was asked.

    Parameters
    ----------
    row : mapping
        What holds the object `doxa`.
    place : str
        The file and the row, for messages.
    sent : mapping
        The texts of the row: `system`, `user`, `reply_start`.

    Raises
    ------
    RecordingError
        The row has no such object, or it cannot be used.
    """
    if NAME not in row:
        raise RecordingError(
            f"{place}: no {NAME}, which other rows of the file have: read them in files of "
            "their own"
        )
    key = Key.from_dict(row[NAME], place)
    system, user, start = (str(sent.get(name) or "") for name in ("system", "user", "reply_start"))
    return key, key.prompt(system, user, "" if key.form == "chat" else start)


def read_asked(
    asked: Iterable[Asked],
    *,
    model: str,
    name: str,
    program: str,
    bank: QuestionBank,
    targets: Collection[str] | None,
) -> Recording:
    """Read the answers to rows as replies.

    Parameters
    ----------
    asked : iterable of Asked
        The rows of one file.
    model : str
        The model's name.
    name : str
        The file's name, for messages.
    program : str
        The program that asked.
    bank : QuestionBank
        The questionnaire.
    targets : collection of str, optional
        As for `doxa.recorded.read_recording`.

    Raises
    ------
    RecordingError
        No row can be used.
    """
    everything = list(asked)
    rows, left_out = _usable(everything, bank, targets)
    if not rows:
        told = "; ".join(f"{n} {why}" for why, n in left_out.items()) or "it has none"
        raise RecordingError(f"{name}: no row that can be used: {told}")
    found = []
    for key, prompt, reading, sound in _readings(rows):
        start = prompt.reply_starts[ELICITATIONS[key.elicitation].asks]
        texts = {"system": prompt.system, "user": prompt.user, "reply_start": start}
        codes = bank.items[key.item].scale.all_codes
        found.append(_way(key, model) | _reply(reading, codes, sound) | texts)
    if not found:
        raise RecordingError(f"{name}: holds calibrations alone, and no row that they calibrate")
    if blanks := sum(len(row.answers) for row in rows if row.key.baseline):
        left_out["to prompts without content, by which others are calibrated"] = blanks
    open_rows = (
        sum(row["lower"] is not None for row in found) if any(row.greedy for row in rows) else 0
    )
    kinds = {column: REPLY_COLUMNS.get(column, pl.String) for column in found[0]}
    table = pl.DataFrame(found, schema=kinds)
    replies = replies_of(table, name, bank, backend=program)
    return Recording(
        replies=replies,
        prompts=pl.concat(
            [replies.select("request_key"), table.select(PROMPT_COLUMNS[1:])], how="horizontal"
        ),
        examples=frozenset(item for row in rows for item in row.key.examples),
        provenance={f"replies of {model}": f"asked by {program} with doxa's tasks, in {name}"},
        entries=sum(len(row.answers) for row in everything),
        left_out=left_out,
        unknown=_worded_otherwise(rows, bank) | _not_drawn(rows) | told_open(open_rows),
    )


def _usable(
    asked: Sequence[Asked], bank: QuestionBank, targets: Collection[str] | None
) -> tuple[list[Asked], dict[str, int]]:
    """Keep the rows on items of the bank and on countries that are wanted; count the others."""
    rows: list[Asked] = []
    lost: dict[str, list[str]] = defaultdict(list)
    for row in asked:
        key = row.key
        item = bank.items.get(key.item)
        why, name = "", key.item
        if item is None:
            why = "on items that are not in the questionnaire"
        elif sorted(key.codes) != sorted(item.scale.all_codes):
            why = "on items that have other codes in the questionnaire"
        elif targets is not None and key.condition.target not in (*targets, ""):
            why = "steered towards countries without human answers"
            name = key.condition.target
        if why:
            lost[why] += [name] * len(row.answers)
        else:
            rows.append(row)
    return rows, {f"{why} ({_some(names)})": len(names) for why, names in lost.items()}


def _readings(rows: Sequence[Asked]) -> Iterator[tuple[Key, Prompt, Reading, Answer]]:
    """Read each answer; where it is open what a label's likelihood holds, within bounds."""
    whole = [row for row in rows if row.greedy]
    kind = nesting(_scored(row, answer) for row in whole for answer in row.answers)
    first = list(_calibrated(rows, apart=kind == "apart"))
    second = list(_calibrated(rows, apart=True)) if kind == "unknown" else first
    for (key, prompt, answer), (*_, other) in zip(first, second, strict=True):
        reading, sound = outcome(key.elicitation, prompt, answer)
        if other.log_probabilities != answer.log_probabilities or other.baseline != answer.baseline:
            further, _ = outcome(key.elicitation, prompt, other)
            if reading.status == further.status == "ok":
                pairs = {
                    code: sorted((share, further.probabilities[code]))
                    for code, share in reading.probabilities.items()
                }
                reading = replace(
                    reading,
                    lower={code: pair[0] for code, pair in pairs.items()},
                    upper={code: pair[1] for code, pair in pairs.items()},
                )
        yield key, prompt, reading, sound


def _scored(row: Asked, answer: Answer) -> Scored:
    return Scored(row.key.labels, tuple(map(math.exp, answer.log_probabilities)), row.greedy)


def _alone(row: Asked, answer: Answer, *, apart: bool) -> Answer:
    """Take from the likelihood of each label what is a longer label's."""
    if not row.greedy:
        return answer
    values = alone(_scored(row, answer), apart=apart)
    total = math.fsum(values)
    # numbers of 16 bits are rounded
    by = total if 1 < total <= MOST else 1.0
    logs = tuple(math.log(value / by) if value else -math.inf for value in values)
    return replace(answer, log_probabilities=logs)


def _calibrated(rows: Sequence[Asked], *, apart: bool) -> Iterator[tuple[Key, Prompt, Answer]]:
    """Yield each answer; to one that a row calibrates, join the answer to that row."""
    baselines = {
        row.key.question: [_alone(row, answer, apart=apart) for answer in row.answers]
        for row in rows
        if row.key.baseline
    }
    for row in rows:
        key = row.key
        if key.baseline:
            continue
        for number, given in enumerate(row.answers):
            answer = _alone(row, given, apart=apart)
            if key.elicitation == "logprobs-calibrated" and answer.finish != "error":
                blanks = baselines.get(key, [])
                blank = blanks[number] if number < len(blanks) else Answer("not asked", "error")
                if blank.ceilings or answer.ceilings:
                    blank = Answer("an option is not among the likeliest tokens", "error")
                if blank.finish == "error":
                    answer = replace(answer, text=f"without content: {blank.text}", finish="error")
                answer = replace(answer, baseline=blank.log_probabilities)
            yield key, row.prompt, answer


def _way(key: Key, model: str) -> dict[str, Any]:
    way = key.condition
    return {
        "model": model,
        "question": key.item,
        **{name: getattr(way, name) for name in LABELS},
        "elicitation": key.elicitation,
    }


def _reply(reading: Reading, codes: Sequence[int], answer: Answer) -> dict[str, Any]:
    is_ok = reading.status == "ok"
    return {
        "status": reading.status,
        "codes": list(codes),
        "probabilities": [reading.probabilities[code] for code in codes] if is_ok else None,
        "lower": [reading.lower[code] for code in codes] if reading.lower else None,
        "upper": [reading.upper[code] for code in codes] if reading.upper else None,
        "off_option_mass": reading.off_option_mass,
        "text": answer.text,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "n_draws": reading.n_draws,
        "reason": reading.reason,
        "thought": answer.thought,
        "thought_status": answer.thought_status,
        "thought_tokens": answer.thought_tokens,
    }


def _worded_otherwise(rows: Sequence[Asked], bank: QuestionBank) -> dict[str, str]:
    """Name the items that were not asked in this questionnaire's words."""
    hashes = {
        (row.key.item, row.key.condition.language, row.key.condition.wording): row.key.questionnaire
        for row in rows
    }
    other = [
        f"{item} ({language})"
        for (item, language, wording), known in hashes.items()
        if known != question_hash(item, language, bank, wording)
    ]
    if not other:
        return {}
    return {
        "whether the questions are this questionnaire's": f"{_some(other)} had other words or "
        "options when the tasks were exported; replies are read by the codes of that time"
    }


def _not_drawn(rows: Sequence[Asked]) -> dict[str, str]:
    """Notice draws that are all alike, as one seed for all makes them."""
    drawn: dict[Key, list[str]] = defaultdict(list)
    for row in rows:
        if row.key.elicitation == "sampling":
            answers = (one for one in row.answers if one.finish != "error")
            drawn[row.key] += [answer.text for answer in answers]
    several = [texts for texts in drawn.values() if len(texts) > 1]
    if len(several) < 2 or any(len(set(texts)) > 1 for texts in several):
        return {}
    return {
        "whether the draws were drawn": f"all draws of each of {len(several)} prompts are alike; "
        "if a server was sent one seed for all of them, ask again without it: lm_eval run "
        "--gen_kwargs '{\"seed\": null}'"
    }


def _some(names: Sequence[str]) -> str:
    """Name some of several."""
    different = list(dict.fromkeys(names))
    return ", ".join(different[:_SHOWN]) + (", …" if len(different) > _SHOWN else "")
