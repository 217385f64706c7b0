"""Sample logs of lm-evaluation-harness (``samples_*.jsonl``), tasks of type multiple_choice.

A line holds one question: `doc`, the entry of the task's data set, and `filtered_resps`, which
gives for each choice the log-likelihood of its text and whether greedy decoding would write it,
both as text. `doc` names the item (see `doxa.recorded.documents`), and may give language, steering
and country. Options are in ``doc["choices"]`` or ``doc["options"]``; without these, the scored
texts are the options.

Probabilities are the likelihoods of the options' whole texts, divided by their sum. 1 minus this
sum is the off-option mass.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from doxa.errors import RecordingError
from doxa.harness.key import NAME
from doxa.outside.numbers import BadNumberError, log_probability
from doxa.recorded.documents import item_of, way_of
from doxa.recorded.entries import codes_of_options, kept, replies_of
from doxa.recorded.own_answers import answers_of_line
from doxa.recorded.own_key import Asked, asked_of, read_asked
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from doxa.questionnaire import QuestionBank

__all__ = ["NEEDS", "read_lm_eval"]

_FEWEST: Final = 2
NEEDS: Final = frozenset({"doc", "doc_id", "filtered_resps", "arguments"})


def read_lm_eval(
    lines: Sequence[Mapping[str, Any]],
    name: str,
    bank: QuestionBank,
    targets: Collection[str] | None,
) -> Recording:
    """Read a sample log; the log does not name the model, so the file name stands for it.

    If a task has several filters, the lines of the first one are read.

    Raises
    ------
    RecordingError
        A line lacks a field, or names an unknown item, option or country.
    """
    if lines and isinstance(lines[0]["doc"], dict) and NAME in lines[0]["doc"]:
        return _read_own(lines, name, bank, targets)
    rows = []
    names = []
    for number, line in enumerate(lines, start=1):
        place = f"{name}, line {number}"
        if not line.keys() >= NEEDS or not isinstance(line["doc"], dict):
            raise RecordingError(f"{place}: a sample holds {', '.join(sorted(NEEDS))}")
        if line.get("filter") != lines[0].get("filter"):
            continue
        question = item_of(line["doc"], place, bank)
        names.append(question)
        if question is None:
            continue
        way = way_of(line["doc"], place)
        logs = _log_likelihoods(line["filtered_resps"], place)
        options = _options(line, len(logs), place)
        codes = codes_of_options(options, question, way["language"], bank, place)
        listed = bank.items[question].scale.all_codes
        rows.append(
            way
            | {"model": name, "question": question, "elicitation": "logprobs", "text": ""}
            | _shares(dict(zip(codes, logs, strict=True)), listed)
        )
    frame, unknown = kept(rows, names, targets, name, bank)
    return Recording(
        replies=replies_of(frame, name, bank, backend="lm-evaluation-harness"),
        provenance={f"replies of {name}": "sample log of lm-evaluation-harness"},
        left_out=unknown,
    )


def _read_own(
    lines: Sequence[Mapping[str, Any]],
    name: str,
    bank: QuestionBank,
    targets: Collection[str] | None,
) -> Recording:
    """Read a log of tasks that doxa wrote."""
    asked = []
    for number, line in enumerate(lines, start=1):
        doc = line.get("doc")
        sent = doc if isinstance(doc, dict) else {}
        key, prompt = asked_of(sent, f"{name}, line {number}", sent)
        asked.append(Asked(key, prompt, answers_of_line(line, key)))
    program = "lm-evaluation-harness"
    return read_asked(asked, model=name, name=name, program=program, bank=bank, targets=targets)


def _shares(logs: Mapping[int, float | None], listed: Sequence[int]) -> dict[str, Any]:
    """Divide likelihoods by their sum; a reply without usable ones is an error."""
    known = {code: math.exp(log) for code, log in logs.items() if log is not None}
    total = math.fsum(known.values())
    if len(known) < len(logs) or total == 0:
        return {"status": "error", "probabilities": None, "off_option_mass": None}
    return {
        "status": "ok",
        "probabilities": [known[code] / total for code in listed],
        "off_option_mass": max(0.0, 1.0 - total),
    }


def _log_likelihoods(found: object, place: str) -> list[float | None]:
    """Read one log-likelihood per choice, from [number, is greedy] or the number alone.

    It is None where the number cannot be the logarithm of a probability.
    """
    pairs = found if isinstance(found, list) else []
    numbers = [pair[0] if isinstance(pair, list) and pair else pair for pair in pairs]
    try:
        # `lm_eval` writes them as text
        logs = [float(number) if isinstance(number, str) else number for number in numbers]
    except ValueError:
        logs = []
    known = [_checked(log) for log in logs]
    if len(known) < _FEWEST or all(log is None for log in known):
        raise RecordingError(
            f"{place}: filtered_resps are not the log-likelihoods of two choices or more: only "
            "tasks of type multiple_choice can be read"
        )
    return known


def _checked(log: object) -> float | None:
    try:
        return log_probability(log, "log-likelihood")
    except BadNumberError:
        return None


def _options(line: Mapping[str, Any], n: int, place: str) -> list[str]:
    """Find the options' texts in the data set's entry, or else take the scored texts."""
    for key in ("choices", "options"):
        found = line["doc"].get(key)
        found = found.get("text") if isinstance(found, dict) else found
        if isinstance(found, list) and len(found) == n:
            return [str(option) for option in found]
    arguments = line["arguments"]
    try:
        pairs = list(arguments.values() if isinstance(arguments, dict) else arguments)
        texts = [str(pair["arg_1"] if isinstance(pair, dict) else pair[1]) for pair in pairs]
    except (KeyError, IndexError, TypeError):
        texts = []
    if len(texts) != n:
        raise RecordingError(f"{place}: no text for each of the {n} log-likelihoods: add choices")
    return texts
