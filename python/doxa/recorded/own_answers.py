"""What models answered to doxa's own rows, found in the logs of other programs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from doxa.backend.request import Answer
from doxa.backend.server.completion import scores_of, text_of, thought_of, tokens_of
from doxa.backend.server.fault import FaultError
from doxa.backend.thinking import split
from doxa.harness.rows import SCORED
from doxa.outside.numbers import BadNumberError, log_probability

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.backend.request import ThoughtStatus
    from doxa.harness.key import Key

__all__ = ["answers_of_line", "answers_of_sample"]


def answers_of_line(line: Mapping[str, Any], key: Key) -> tuple[list[Answer], tuple[bool, ...]]:
    """Find the answers in a line of a sample log of lm-evaluation-harness.

    Parameters
    ----------
    line : mapping
        The line: ``resps`` holds a list of texts, or for each label its log-likelihood.
    key : Key
        How it was asked.

    Returns
    -------
    list of Answer, tuple of bool
        One for each text, and one for all labels together; one that is an error where there is
        nothing. Why a text ended is not logged: it counts as ended by itself. Also, whether greedy
        decoding would write each label; empty for texts.
    """
    found = line.get("resps")
    if not isinstance(found, list):
        return [Answer("no resps in the log", "error")], ()
    if key.elicitation in SCORED:
        return _scored(found, key)
    texts = found[0] if len(found) == 1 and isinstance(found[0], list) else found
    answers = [
        _written(text, "stop", key) if isinstance(text, str) else Answer("no text", "error")
        for text in texts
    ]
    return answers or [Answer("no text in the log", "error")], ()


def _scored(found: Sequence[Any], key: Key) -> tuple[list[Answer], tuple[bool, ...]]:
    """Read log-likelihoods of the labels, each as [[number, is greedy]], both as text."""
    logs, greedy = [], []
    for pair in found:
        inner = pair[0] if isinstance(pair, list) and pair else pair
        number, written = [*inner, None, None][:2] if isinstance(inner, list) else (inner, None)
        with suppress(ValueError):
            number = float(number) if isinstance(number, str) else number
        try:
            logs.append(log_probability(number, "a log-likelihood"))
        except BadNumberError as error:
            return [Answer(str(error), "error")], ()
        greedy.append(str(written) == "True")
    if len(logs) != len(key.labels):
        what = f"{len(logs)} log-likelihoods for {len(key.labels)} labels"
        return [Answer(what, "error")], ()
    best = max(range(len(logs)), key=logs.__getitem__)
    answer = Answer(
        key.labels[best],
        log_probabilities=tuple(logs),
        prompt_tokens=None,
        completion_tokens=None,
        thought_status="unknown",
    )
    return [answer], tuple(greedy)


def answers_of_sample(sample: Mapping[str, Any], key: Key) -> list[Answer]:
    """Find the answers in a sample of a log of Inspect.

    Parameters
    ----------
    sample : mapping
        The sample: its ``output`` is a chat completion, with some names of Inspect's own.
    key : Key
        How it was asked.

    Returns
    -------
    list of Answer
        One for each choice of the output; one that is an error where there is none.
    """
    output, error = sample.get("output"), sample.get("error")
    choices = output.get("choices") if isinstance(output, dict) else None
    if error or not isinstance(output, dict) or not isinstance(choices, list) or not choices:
        told = error.get("message") if isinstance(error, dict) else error
        return [Answer(str(told or "no answer in the log").strip()[:300], "error")]
    return [_answer(output, choice, key) for choice in choices]


def _answer(output: Mapping[str, Any], choice: object, key: Key) -> Answer:
    body = {"choices": [_as_completion(choice)], "usage": _usage(output)}
    prompt_tokens, completion_tokens, note = tokens_of(body)
    thought = ""
    try:
        text, finish = text_of(body)
        thought = thought_of(body) or ""
        if key.elicitation in SCORED:
            if thought:
                raise FaultError("let its model think, so its first token is no answer")
            listed = scores_of(body, key.labels)
            answer = Answer(
                text,
                log_probabilities=listed.values,
                ceilings=listed.ceilings,
                unseen=listed.unseen,
                note=listed.note,
            )
        else:
            answer = _written(text, finish, key)
    except FaultError as fault:
        answer = Answer(f"the model's server {fault}", "error")
    return replace(
        answer,
        note="; ".join(filter(None, (answer.note, note))),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        thought=thought,
        thought_status="closed" if thought else "unknown",
        thought_tokens=None,
    )


def _written(text: str, finish: Literal["stop", "length"], key: Key) -> Answer:
    """Return a text as an answer; but for chat end points, doxa ends an object at its first "}"."""
    thought, answer = split(text) or ("", text)
    if key.elicitation == "verbalized" and key.form != "chat" and "}" in answer:
        answer, finish = answer[: answer.index("}") + 1], "stop"
    status: ThoughtStatus = "closed" if thought else "unknown"
    return Answer(
        answer,
        finish,
        prompt_tokens=None,
        completion_tokens=None,
        thought=thought,
        thought_status=status,
        thought_tokens=None,
    )


def _as_completion(choice: object) -> object:
    """Return a choice of Inspect's under the names of a chat completion."""
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        return choice
    content = choice["message"].get("content")
    message = {"content": content}
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        for name, kind in (("content", "text"), ("reasoning", "reasoning")):
            texts = [part.get(kind) for part in parts if part.get("type", "text") == kind]
            message[name] = "".join(text for text in texts if isinstance(text, str))
    cut = choice.get("stop_reason") in ("max_tokens", "model_length")
    return {
        "message": message,
        "finish_reason": "length" if cut else "stop",
        "logprobs": choice.get("logprobs"),
    }


def _usage(output: Mapping[str, Any]) -> object:
    usage = output.get("usage")
    if not isinstance(usage, dict):
        return usage
    return {
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
    }
