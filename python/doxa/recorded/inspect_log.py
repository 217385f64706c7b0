"""Logs of Inspect: one JSON document, or a zip archive with a header and one file a sample.

A sample names its item by its `id` or in `metadata` (see `doxa.recorded.documents`); `metadata` may
also give language, steering and country, and the options shown (see `doxa.recorded.options`). With
`choices`, a reply is one choice: the letter that a scorer took for its answer or, without one, what
stands after the last "ANSWER:". Without `choices`, the reply is an object of shares; `elicitation`
in `metadata` ("sampling" or "verbalized") says otherwise. Every choice of an output is a draw, and
so is every epoch.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.thinking import split
from doxa.errors import RecordingError
from doxa.files.unpack import Limits, open_archive
from doxa.harness.key import NAME
from doxa.outside.documents import json_of
from doxa.prompt import option_labels
from doxa.recorded.answers import Found, final_answer, read_choice, read_shares
from doxa.recorded.documents import Targets, item_of, way_of
from doxa.recorded.entries import Kept, replies_of
from doxa.recorded.options import REMEDY, Shown, order_name, shown_options, words_of
from doxa.recorded.own_answers import answers_of_sample
from doxa.recorded.own_key import Asked, asked_of, read_asked
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from doxa.questionnaire import QuestionBank
    from doxa.recorded.source import Source

__all__ = ["NEEDS", "read_inspect", "unpack"]

NEEDS: Final = frozenset({"eval", "samples"})

# one sample is held at a time; in memory it takes up to 24 times its text
_LIMITS: Final = Limits(member=64 << 20)
_START: Final = "_journal/start.json"
_ELICITATIONS: Final = ("sampling", "verbalized")
_UNDECIDED: Final = f"whose keys may be labels or codes: {REMEDY}"
_SHUFFLED: Final = "further choices of samples that the solver shuffled: the log lacks their order"


def unpack(file: Path) -> dict[str, Any]:
    """Read an archive as one document, whose samples are unpacked one by one as they are read.

    An evaluation that was killed has no header; what it was begun with stands in for it.

    Raises
    ------
    FileError, ValueError
        The archive is damaged or holds something else.
    """
    with open_archive(file, _LIMITS) as archive:
        name = next((one for one in ("header.json", _START) if one in archive.names), None)
        header = _object(json_of(archive.read(name)), str(file), name) if name else {}
    if "eval" not in header:
        raise ValueError("an archive without header.json: it is no log of Inspect")
    status = {} if name == "header.json" else {"status": "started"}
    return {**header, **status, "samples": _unpacked(file)}


def _unpacked(file: Path) -> Iterator[Any]:
    with open_archive(file, _LIMITS) as archive:
        for name in archive.names:
            if name.startswith("samples/") and name.endswith(".json"):
                yield json_of(archive.read(name))


def read_inspect(
    document: Mapping[str, Any], source: Source, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read a log.

    Raises
    ------
    RecordingError
        A sample lacks a field, contradicts itself, or names an unknown item, option or country.
    """
    name = source.name
    header = _object(document["eval"], name, "eval")
    samples = document["samples"] or []
    if isinstance(samples, str | Mapping) or not isinstance(samples, Iterable):
        raise RecordingError(f"{name}: samples are not a list: is it a log of Inspect?")
    model = str(header.get("model") or name)
    samples = iter(samples)
    first = next(samples, None)
    samples = samples if first is None else chain([first], samples)
    if isinstance(first, dict) and NAME in _object(first.get("metadata"), name, "metadata"):
        own = list(_own(samples, name))
        found = read_asked(
            own, model=model, name=name, program="inspect", bank=bank, targets=targets
        )
        return replace(found, unknown={**found.unknown, **_unfinished(document, header, len(own))})
    shuffled = _shuffles(document.get("plan"))
    kept, steered, number = Kept(name, bank), Targets(), 0
    for number, sample in enumerate(samples, start=1):
        place = f"{name}, sample {number}"
        sample = _object(sample, place, "the sample")
        metadata = _object(sample.get("metadata"), place, "metadata")
        outputs = _outputs(sample)
        question = item_of({"id": sample.get("id")} | metadata, place, bank)
        if question is None:
            kept.leave_unknown(metadata.get("item", sample.get("id")), len(outputs))
            continue
        asked = _Question(sample, metadata, question, place, bank)
        for draw, output in enumerate(outputs):
            if draw and shuffled:
                kept.leave(_SHUFFLED)
                continue
            read = asked.read(output, scored=draw == 0)
            if read is None:
                kept.leave(_UNDECIDED)
                continue
            steered.add(metadata, place)
            kept.add({"model": model, "question": question} | asked.way | read)
    frame = kept.frame(steered, targets)
    return Recording(
        replies=replies_of(frame, name, bank, backend="inspect"),
        provenance={f"replies of {model}": f"log of Inspect, {header.get('task')}"},
        entries=kept.entries,
        unit=f"replies of {number} samples" if kept.entries != number else "samples",
        left_out=kept.left_out,
        unknown=steered.told | _unfinished(document, header, number),
    )


class _Question:
    """A sample's question: how it was asked, and how its replies are read."""

    def __init__(
        self,
        sample: Mapping[str, Any],
        metadata: Mapping[str, Any],
        question: str,
        place: str,
        bank: QuestionBank,
    ) -> None:
        self.way = way_of(metadata)
        choices = sample.get("choices")
        elicitation = metadata.get("elicitation") or ("sampling" if choices else "verbalized")
        if elicitation not in _ELICITATIONS:
            raise RecordingError(
                f"{place}: elicitation {elicitation!r} is none that a log of Inspect can be read "
                f"by: write {' or '.join(_ELICITATIONS)}"
            )
        self._choice = elicitation == "sampling"
        stated = dict(metadata)
        if choices:
            stated |= {"choices": choices} | ({"label_style": "letters"} if self._choice else {})
        language = self.way["language"]
        options = shown_options(stated, _prompt(sample), question, language, bank, place)
        item = bank.items[question]
        self._options: Sequence[Shown] = options
        self._words = words_of(item, language, bank)
        self._codes = item.scale.all_codes
        self._error = sample.get("error")
        self._scores = sample.get("scores")
        self.way |= {
            "option_order": order_name(item, options[0].codes, metadata.get("option_order")),
            "elicitation": elicitation,
            "off_option_mass": None,
        }

    def read(self, output: object, *, scored: bool) -> dict[str, Any] | None:
        """Read one choice of the output; None if it is undecided."""
        text = _text(output)
        thought = _thought(output)
        if text is not None and (parts := split(text)):
            thought, text = {"thought": parts[0], "thought_status": "closed"}, parts[1]
        found: Found | None
        if self._error or text is None:
            found = Found("error", _message(self._error), {})
        elif not text.strip():
            found = Found("refused", "an empty reply", {})
        elif self._choice:
            found = self._chosen(text, scored=scored, complete=_stopped(output))
        else:
            found = read_shares(text, self._options, self._words)
        if found is None:
            return None
        shares = [found.shares[code] for code in self._codes] if found.shares else None
        return {
            "status": found.status, "reason": found.reason, "probabilities": shares,
            "text": text or "",
        } | thought  # fmt: skip

    def _chosen(self, text: str, *, scored: bool, complete: bool) -> Found | None:
        letters = sorted(_letters(self._scores)) if scored else []
        if len(letters) > 1:
            return Found("unparsable", f"scorers took {' and '.join(letters)} for the answer", {})
        if letters:
            # a scorer counts the choices, whatever labels the prompt gave them
            styled = [
                Shown(option_labels(len(codes), "letters"), codes) for _, codes in self._options
            ]
            return read_choice(letters[0], styled, {}, complete=True)
        answer = final_answer(text)
        if "\n" in answer:
            return Found("unparsable", "no line with an answer", {})
        ended = complete or not text.rstrip().endswith(answer)
        return read_choice(answer, self._options, self._words, complete=ended)


def _own(samples: Iterable[Any], name: str) -> Iterator[Asked]:
    """Yield the rows of a log of tasks that doxa wrote."""
    for number, sample in enumerate(samples, start=1):
        place = f"{name}, sample {number}"
        sample = _object(sample, place, "the sample")
        metadata = _object(sample.get("metadata"), place, "metadata")
        sent = _object(metadata.get("sent"), place, "sent")
        key, prompt = asked_of(metadata, place, sent)
        yield Asked(key, prompt, answers_of_sample(sample, key))


def _object(value: object, place: str, what: str) -> dict[str, Any]:
    """Read an object that may be left out."""
    if value is None or isinstance(value, dict):
        return value or {}
    raise RecordingError(f"{place}: {what} is not an object: is it a log of Inspect?")


def _outputs(sample: Mapping[str, Any]) -> list[object]:
    """List what the model wrote; a sample without any counts as one reply."""
    match sample.get("output"):
        case {"choices": [_, _, *_] as choices}:
            return list(choices)
        case {"choices": [choice], "completion": str(completion)} if _text(choice) is None:
            return [{"message": {"content": completion}}]
        case {"choices": [choice]}:
            return [choice]
        case _:
            return [None]


def _text(choice: object) -> str | None:
    """Find the text that the model wrote, as one text or as a list of parts; None if none is there.

    Inspect writes `message.content`; whatever lies elsewhere is no reply.
    """
    match choice:
        case {"message": {"content": str(content)}}:
            return content
        case {"message": {"content": [*parts]}}:
            return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
        case _:
            return None


def _stopped(choice: object) -> bool:
    return not (isinstance(choice, dict) and choice.get("stop_reason") == "max_tokens")


def _thought(choice: object) -> dict[str, str]:
    """Find what the model thought, which Inspect keeps in parts of their own."""
    match choice:
        case {"message": {"content": [*parts]}}:
            texts = [part.get("reasoning") for part in parts if isinstance(part, dict)]
            thought = "\n".join(text for text in texts if isinstance(text, str))
        case _:
            thought = ""
    return {"thought": thought, "thought_status": "closed" if thought else "unknown"}


def _prompt(sample: Mapping[str, Any]) -> str:
    """Give the text that the model read before its reply."""
    for key in ("messages", "input"):
        value = sample.get(key)
        messages = value if isinstance(value, list) else [{"role": "user", "content": value}]
        texts = [
            _text({"message": message})
            for message in messages
            if isinstance(message, dict) and message.get("role") != "assistant"
        ]
        if any(texts):
            return "\n".join(filter(None, texts))
    return ""


def _letters(scores: object) -> set[str]:
    """Find the letters that scorers took for the answer; "A, C" is two of them."""
    found = set()
    for score in scores.values() if isinstance(scores, dict) else ():
        answer = str(score.get("answer") or "") if isinstance(score, dict) else ""
        letters = re.split(r"[\s,]+", answer.strip().upper())
        if all(len(letter) == 1 and letter in string.ascii_uppercase for letter in letters):
            found.update(letters)
    return found


def _message(error: object) -> str:
    said = error.get("message") if isinstance(error, dict) else None
    return " ".join(str(said or "no output").split())


def _shuffles(plan: object) -> bool:
    steps = plan.get("steps") if isinstance(plan, dict) else None
    listed = steps if isinstance(steps, list) else []
    parameters = [step.get("params") for step in listed if isinstance(step, dict)]
    return any(isinstance(one, dict) and one.get("shuffle") for one in parameters)


def _unfinished(
    document: Mapping[str, Any], header: Mapping[str, Any], samples: int
) -> dict[str, str]:
    """Say that an evaluation did not end well, and how many of its samples are here."""
    data, config = header.get("dataset"), header.get("config")
    planned = data.get("samples") if isinstance(data, dict) else None
    epochs = config.get("epochs") if isinstance(config, dict) else None
    whole = planned * (epochs or 1) if isinstance(planned, int) else None
    status = document.get("status")
    if status in (None, "success") and (whole is None or samples >= whole):
        return {}
    ended = {"started": "it was killed or is still running"}.get(
        str(status), f"the evaluation ended with the status {status}"
    )
    of = f" of {whole}" if whole is not None else ""
    return {"what the rest would be": f"{ended}: {samples}{of} samples are here"}
