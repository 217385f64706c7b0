"""Sample logs of lm-evaluation-harness (``samples_*.jsonl``), tasks of type multiple_choice.

A line holds one question: `doc`, the entry of the task's data set, and `filtered_resps`, which
gives for each choice the log-likelihood of its text and whether greedy decoding would write it,
both as text. `doc` names the item (see `doxa.recorded.documents`), may give language, steering and
country, and the options shown (see `doxa.recorded.options`). Where ``doc["choices"]`` or
``doc["options"]`` has the options' words, they are those of the scored texts, one by one; else the
scored texts are the labels or the words.

Probabilities are those of `doxa.recorded.likelihoods`, divided by their sum. 1 minus this sum is
the off-option mass.

A sample log does not name its model; the ``results_*.json`` that is written beside it does.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import RecordingError
from doxa.harness.key import NAME
from doxa.outside.documents import json_of
from doxa.outside.numbers import BadNumberError, log_probability
from doxa.recorded.documents import Targets, item_of, way_of
from doxa.recorded.entries import Kept, codes_of_options, replies_of
from doxa.recorded.likelihoods import MOST, Scored, nesting, shares_of, told_open
from doxa.recorded.options import REMEDY, order_name, shown_options, stated_codes
from doxa.recorded.own_answers import answers_of_line
from doxa.recorded.own_key import Asked, asked_of, read_asked
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.likelihoods import Nesting
    from doxa.recorded.source import Source

__all__ = ["NEEDS", "read_lm_eval"]

_FEWEST: Final = 2
NEEDS: Final = frozenset({"doc", "doc_id", "filtered_resps", "arguments"})

_DATED: Final = re.compile(r"samples_.+_(\d{4}-\d\d-\d\dT[\d.-]+)")
_UNDECIDED: Final = f"whose scored texts may be labels or codes: {REMEDY}"
_FURTHER: Final = "lines of further filters"


def read_lm_eval(
    lines: Sequence[Mapping[str, Any]],
    source: Source,
    bank: QuestionBank,
    targets: Collection[str] | None,
) -> Recording:
    """Read a sample log.

    If a task has several filters, the lines of the first one are read.

    Raises
    ------
    RecordingError
        A line lacks a field, contradicts itself, names an unknown item, option or country, or has
        likelihoods that add up to more than 1.
    """
    name = source.name
    model, unnamed = _model(source.path)
    if lines and isinstance(lines[0]["doc"], dict) and NAME in lines[0]["doc"]:
        found = _read_own(lines, source, model, bank, targets)
        return replace(found, unknown={**unnamed, **found.unknown})
    kept, steered = Kept(name, bank), Targets()
    scored: list[tuple[str, Scored, Sequence[int]]] = []
    for number, line in enumerate(lines):
        place = f"{name}, {source.place(number)}"
        if not line.keys() >= NEEDS or not isinstance(line["doc"], dict):
            raise RecordingError(f"{place}: a sample holds {', '.join(sorted(NEEDS))}")
        if line.get("filter") != lines[0].get("filter"):
            kept.leave(_FURTHER)
            continue
        doc = line["doc"]
        question = item_of(doc, place, bank)
        if question is None:
            kept.leave_unknown(doc.get("item", doc.get("id", "")))
            continue
        way = way_of(doc)
        row = _scored(line, place)
        codes = _codes(line, row.texts, question, way["language"], bank, place)
        if codes is None:
            kept.leave(_UNDECIDED)
            continue
        steered.add(doc, place)
        item = bank.items[question]
        scored.append((place, row, [codes.index(code) for code in item.scale.all_codes]))
        way["option_order"] = order_name(item, codes, doc.get("option_order"))
        kept.add(
            {"model": model, "question": question, "elicitation": "logprobs", "text": ""} | way
        )
    kind = nesting(row for _, row, _ in scored)
    kept.complete([_shares(row, places, kind, place) for place, row, places in scored])
    frame = kept.frame(steered, targets)
    open_rows = int(frame["lower"].is_not_null().sum())
    return Recording(
        replies=replies_of(frame, name, bank, backend="lm-evaluation-harness"),
        provenance={f"replies of {model}": f"sample log of lm-evaluation-harness, {name}"},
        entries=kept.entries,
        unit="lines",
        left_out=kept.left_out,
        unknown=steered.told | unnamed | told_open(open_rows),
    )


def _read_own(
    lines: Sequence[Mapping[str, Any]],
    source: Source,
    model: str,
    bank: QuestionBank,
    targets: Collection[str] | None,
) -> Recording:
    """Read a log of tasks that doxa wrote."""
    asked = []
    for number, line in enumerate(lines):
        if line.get("filter") != lines[0].get("filter"):
            continue  # the same replies once more
        doc = line.get("doc")
        sent = doc if isinstance(doc, dict) else {}
        key, prompt = asked_of(sent, f"{source.name}, {source.place(number)}", sent)
        asked.append(Asked(key, prompt, *answers_of_line(line, key)))
    program = "lm-evaluation-harness"
    return read_asked(
        asked, model=model, name=source.name, program=program, bank=bank, targets=targets
    )


def _model(path: Path) -> tuple[str, dict[str, str]]:
    """Name the model of a sample log: as the results beside it do, or else after its folder."""
    dated = _DATED.fullmatch(path.stem)
    if dated is None:
        return path.stem, {
            "the model's name": "the log is not named as lm_eval names it, so it is called after "
            "the file: give it a name with --rename"
        }
    for results in sorted(path.absolute().parent.glob("*.json")):
        if not results.stem.endswith(f"_{dated[1]}"):
            continue
        try:
            found = json_of(results.read_bytes())
        except (OSError, ValueError):
            continue
        name = found.get("model_name") if isinstance(found, dict) else None
        if isinstance(name, str) and name:
            return name, {}
    folder = path.absolute().parent.name or path.stem
    return folder, {
        "the model's name": f"no results_{dated[1]}.json beside the log, so it is called after its "
        "folder: give it a name with --rename"
    }


def _shares(row: Scored, places: Sequence[int], kind: Nesting, place: str) -> dict[str, Any]:
    """Give a row's shares in the order of the codes; one without usable likelihoods is an error."""
    nothing = {"probabilities": None, "off_option_mass": None, "lower": None, "upper": None}
    if any(math.isnan(value) for value in row.likelihoods):
        return {"status": "error", "reason": "a log-likelihood that is none", **nothing}
    try:
        found = shares_of(row, kind)
    except ValueError as error:
        raise RecordingError(
            f"{place}: likelihoods add up to {error}: answers that exclude one another have at "
            f"most 1 together (allowed: {MOST}); are they log-likelihoods, and each option there "
            "once?"
        ) from None
    if found is None:
        return {"status": "error", "reason": "no option has a likelihood above 0", **nothing}
    lower, upper = ([one[at] for at in places] if one else None for one in found[1:3])
    return {
        "status": "ok", "reason": "", "probabilities": [found.shares[at] for at in places],
        "off_option_mass": found.off_option_mass, "lower": lower, "upper": upper,
    }  # fmt: skip


def _scored(line: Mapping[str, Any], place: str) -> Scored:
    """Read one log-likelihood per choice, from [number, is greedy] or the number alone."""
    found = line["filtered_resps"]
    listed = found if isinstance(found, list) else []
    pairs = [pair if isinstance(pair, list) else [pair] for pair in listed]
    logs = [_checked(pair[0] if pair else None) for pair in pairs]
    if len(logs) < _FEWEST or all(math.isnan(log) for log in logs):
        raise RecordingError(
            f"{place}: filtered_resps are not the log-likelihoods of two choices or more: only "
            "tasks of type multiple_choice can be read"
        )
    greedy = [str(pair[1]) == "True" if len(pair) > 1 else False for pair in pairs]
    texts = _texts(line["arguments"], len(logs), place)
    return Scored(tuple(texts), tuple(map(math.exp, logs)), tuple(greedy))


def _checked(log: object) -> float:
    """Return a log-likelihood; one that can be none is no number."""
    try:
        # `lm_eval` writes them as text
        return log_probability(float(log) if isinstance(log, str) else log, "log-likelihood")
    except (BadNumberError, ValueError):
        return math.nan


def _texts(arguments: object, n: int, place: str) -> list[str]:
    """Find the scored texts."""
    try:
        pairs = list(arguments.values() if isinstance(arguments, dict) else arguments)  # type: ignore[call-overload]
        texts = [str(pair["arg_1"] if isinstance(pair, dict) else pair[1]) for pair in pairs]
    except (KeyError, IndexError, TypeError):
        texts = []
    if len(texts) != n:
        raise RecordingError(
            f"{place}: {len(texts)} scored texts in its arguments for {n} log-likelihoods"
        )
    return [text.strip() for text in texts]


def _prompt(arguments: object) -> str:
    first = next(iter(arguments.values() if isinstance(arguments, dict) else arguments), None)  # type: ignore[call-overload]
    text = first.get("arg_0") if isinstance(first, dict) else first[0] if first else ""
    return text if isinstance(text, str) else ""


def _codes(
    line: Mapping[str, Any],
    texts: Sequence[str],
    question: str,
    language: str,
    bank: QuestionBank,
    place: str,
) -> Sequence[int] | None:
    """Find the code of each scored text; None if it is undecided."""
    doc = line["doc"]
    options = shown_options(doc, _prompt(line["arguments"]), question, language, bank, place)
    if not any(text.isdecimal() for text in texts):
        # what was scored is what counts, in whatever order the options are listed elsewhere
        with suppress(RecordingError):
            return codes_of_options(texts, question, language, bank, place)
    by_place = stated_codes(doc, question, language, bank, place)
    if len(by_place) == len(texts):
        return by_place
    found = {
        tuple(one.codes[one.labels.index(text)] for text in texts)
        for one in options
        if sorted(texts) == sorted(one.labels)
    }
    if len(found) > 1:
        return None
    return found.pop() if found else codes_of_options(texts, question, language, bank, place)
