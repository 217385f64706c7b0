"""Requests to a backend, its answers, and the key under which a reply is stored."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from doxa.backend.template import ChatTemplate
from doxa.errors import ModelError
from doxa.outside.documents import json_of
from doxa.outside.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = [
    "Answer",
    "Backend",
    "ModelCard",
    "Request",
    "RequestKind",
    "Thought",
    "ThoughtStatus",
    "Turn",
    "Workload",
    "request_key",
]

RequestKind = Literal["options", "shares", "text"]
"""The kind of a request; see `Request`."""

ThoughtStatus = Literal["none", "closed", "cut", "left", "unknown"]
"""How the thought before an answer ended; see `Answer`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The text that a model gets before it replies, in parts, the most widely shared first.

    Parameters
    ----------
    system : str
        The instruction, the same for all items of a condition.
    user : str
        The item and its options.
    ask : str
        The sentences that end the user's turn; they depend on the elicitation.
    reply_start : str
        The text with which the model's turn is made to begin.
    """

    system: str
    user: str
    ask: str
    reply_start: str = ""


@dataclass(frozen=True, slots=True)
class Thought:
    """The thought that a model is to write before it answers.

    Parameters
    ----------
    budget : int
        The most tokens; a thought that reaches them is closed for the model.
    temperature : float
        As for `Request`.
    seed : int
        The seed of the draw; it has no effect at temperature 0.
    end : str
        What the model writes to close a thought; only a backend that renders templates sets it.
    """

    budget: int
    temperature: float = 0.0
    seed: int = 0
    end: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    Parameters
    ----------
    turn : Turn
        The text that the model gets.
    kind : {"options", "shares", "text"}
        ``"options"``: the probability of each of `choices` as the continuation. ``"shares"``: a
        JSON object that gives each of `choices` a whole number; the numbers add up to 100.
        ``"text"``: whatever the model writes.
    choices : tuple of str
        The labels of the options, in the order shown.
    max_tokens : int
        For the kind ``"text"``: the longest reply, in tokens.
    stop : str
        The text that ends a reply and belongs to it; ``""`` for none.
    temperature : float
        At 0 the most likely token is taken each time. Above 0 tokens are drawn from the softmax of
        logits / temperature.
    seed : int
        The seed of the draw; it has no effect at temperature 0.
    baseline : Turn or None
        For the kind ``"options"``: a turn with a content-free question, to be scored as well, at
        once or after an empty thought.
    thought : Thought or None
        What the model is to think first; None if it is to answer at once.
    """

    turn: Turn
    kind: RequestKind
    choices: tuple[str, ...] = ()
    max_tokens: int = 0
    stop: str = ""
    temperature: float = 0.0
    seed: int = 0
    baseline: Turn | None = None
    thought: Thought | None = None

    @property
    def is_drawn(self) -> bool:
        """Whether another seed could give another answer."""
        return self.temperature > 0 or (self.thought is not None and self.thought.temperature > 0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A backend's answer to a request.

    Parameters
    ----------
    text : str
        The reply, without its forced start. For the kind ``"options"``, the most likely label. If
        no answer came, the reason.
    finish : {"stop", "length", "error"}
        Whether the reply ended by itself, was cut off at its limit, or never came.
    log_probabilities : tuple of float
        Natural logarithms, one for each of the request's choices; empty for other kinds.
    prompt_tokens, completion_tokens : int or None
        Tokens of the whole prompt, and tokens written or scored; None if a server does not tell.
    seconds : float
        Wall time spent on this request.
    baseline : tuple of float
        The log-probabilities after the request's baseline; empty without a baseline.
    note : str
        What was odd about an answer that can be read nonetheless; ``""`` otherwise.
    ceilings : tuple of float
        Where a server lists only the likeliest tokens: the most that each log-probability may be.
        That of a choice that is not listed is minus infinity. Empty if all are exact.
    unseen : float
        The most probability that all tokens that were not listed have together.
    server : str
        The address of the server that answered, without secrets; ``""`` for a model in process.
    thought : str
        What the model thought before it answered; it is no part of `text`.
    thought_status : {"none", "closed", "cut", "left", "unknown"}
        ``"none"``: it was told not to think. ``"closed"``: it closed its thought. ``"cut"``: the
        thought reached its budget and was closed for it. ``"left"``: it ended its reply inside the
        thought, which was closed for it. ``"unknown"``: it may have been thinking still, for an
        older version asked, or a server that does not tell.
    thought_tokens : int or None
        Tokens of the thought, a part of `completion_tokens`; None if a server does not tell.
    begun : bool
        Whether the reply was made to begin with the turn's `reply_start`; a chat end point begins
        it itself.
    """

    text: str
    finish: Literal["stop", "length", "error"] = "stop"
    log_probabilities: tuple[float, ...] = ()
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    seconds: float = 0.0
    baseline: tuple[float, ...] = ()
    note: str = ""
    ceilings: tuple[float, ...] = ()
    unseen: float = 0.0
    server: str = ""
    thought: str = ""
    thought_status: ThoughtStatus = "none"
    thought_tokens: int | None = 0
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Workload:
    """The work of a list of requests, in tokens.

    Parameters
    ----------
    requests : int
        The number of requests.
    prompt_tokens : int
        Tokens of all prompts together.
    evaluated_tokens : int
        Tokens that are evaluated: shared parts count once.
    shared_tokens : int
        Of these, the tokens that all items of a condition share.
    completion_tokens : int
        The most tokens that may be written or scored.
    longest_prompt : int
        Tokens of the longest prompt.
    thought_tokens : int
        Of the completion tokens, the most in thoughts.
    """

    requests: int = 0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    shared_tokens: int = 0
    completion_tokens: int = 0
    longest_prompt: int = 0
    thought_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything about a model and its backend that determines a reply.

    Parameters
    ----------
    backend : str
        The backend's name, such as ``"llama_cpp"``.
    model : str
        The name shown in tables.
    fingerprint : str
        The identity of the weights: the SHA-256 of the model file, or what a server says of its
        model; of one that says nothing, its address without secrets, and the model's name there.
    template : ChatTemplate or None
        The template that turns a turn into text; None if a server applies its own.
    layout : Mapping of str to str or int
        The parameters that decide which tokens are evaluated together. This changes the
        log-probabilities of quantised models, so it is part of a reply's key.
    versions : Mapping of str to str
        Versions of libraries, recorded beside the replies but not part of their keys.
    origin : Mapping of str to str
        Where a model file came from, as `doxa.backend.named.Located` says it, or what a server is
        and how it was asked; no part of a key, for the file is the same wherever it comes from.
    """

    backend: str
    model: str
    fingerprint: str
    template: ChatTemplate | None = None
    layout: Mapping[str, str | int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    def text(self, turn: Turn, *, thinks: bool = False) -> tuple[str, ...]:
        """Return the exact text of a turn, in the parts that are evaluated one after the other.

        The parts are the text that the items of a condition share, the item, and the rest; with
        `thinks` also what follows a thought. If a server applies its own template, they are the
        parts of the turn, unchanged.

        Raises
        ------
        ModelError
            The model cannot be asked for a thought.
        """
        parts = (turn.system, turn.user, turn.ask, turn.reply_start)
        if self.template is None:
            return parts
        if thinks and self.template.thinking is None:
            raise ModelError(
                f"model {self.model} cannot be asked to think: its chat template lets it write no "
                "thought; leave out --reasoning, or give another model"
            )
        return self.template.render(*parts, thinks=thinks)

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Return the card that `to_json` wrote."""
        fields = json_of(text)
        # older versions wrote a server's whole address
        fields["fingerprint"] = without_secrets(fields["fingerprint"])
        if fields["template"] is not None:
            fields["template"] = ChatTemplate(**fields["template"])
        return cls(**fields)


_PLAIN: Final = tuple(
    entry.name
    for entry in fields(Request)
    if entry.name not in ("turn", "kind", "baseline", "thought")
)


def request_key(card: ModelCard, request: Request, *, earlier: bool = False) -> str:
    """Return the SHA-256, in hexadecimal, of everything that determines a reply.

    Parameters
    ----------
    card : ModelCard
        The model; its backend, fingerprint, template and layout are used.
    request : Request
        The request; all fields are used, except the seed at temperature 0. Draws differ in their
        seeds.
    earlier : bool
        Whether to return the key by which earlier versions stored the reply. They measured what is
        off the options after the space before a label, for some labels.

    Examples
    --------
    >>> card = ModelCard("replay", "tiny", fingerprint="0" * 64)
    >>> request = Request(Turn("Be brief.", "Yes or no?", "Answer:"), "text", max_tokens=3)
    >>> len(request_key(card, request))
    64
    """
    # key by key: this is done for each reply
    material: dict[str, Any] = {name: getattr(request, name) for name in _PLAIN}
    # The keys in existing stores use this name.
    material["task"] = request.kind
    thinks = request.thought is not None
    if request.baseline is not None:
        material["baseline"] = card.text(request.baseline, thinks=thinks)
    if request.temperature == 0:
        del material["seed"]
    if request.thought is not None:
        material["thought"] = thought = asdict(request.thought)
        del thought["end"]
        if request.thought.temperature == 0:
            del thought["seed"]
    text = card.text(request.turn, thinks=thinks)
    spaced = card.template is not None and text[-1].endswith(" ")
    if request.kind == "options" and spaced and not earlier:
        material["scored"] = "with the space"
    material |= {
        "backend": card.backend,
        "fingerprint": card.fingerprint,
        "layout": dict(card.layout),
        "text": text,
    }
    line = json.dumps(material, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


class Backend(Protocol):
    """The interface of every class in `doxa.backend.BACKENDS`."""

    free: bool
    """Whether asking costs only time, so a few requests may be sent to measure the speed."""

    @property
    def card(self) -> ModelCard:
        """Everything that determines the replies, except the request."""
        ...

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Get ready for `requests`, and count their tokens.

        Raises
        ------
        ModelError
            A prompt is longer than the model's limit.
        """
        ...

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer, as the answers come.

        A request is taken from the iterable only just before it is asked, so the iterable may
        reserve the work.
        """
        ...

    def close(self) -> None:
        """Free what the backend holds."""
        ...
