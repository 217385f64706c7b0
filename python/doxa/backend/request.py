"""What a backend is asked, what it answers, and the key a reply is stored under."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from doxa.backend.template import ChatTemplate

__all__ = [
    "Answer",
    "Backend",
    "ModelCard",
    "Request",
    "RequestKind",
    "Turn",
    "Workload",
    "request_key",
]

RequestKind = Literal["options", "shares", "text"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange with a model, in the parts that decide how its evaluation is split.

    Parameters
    ----------
    system : str
        The instruction, identical for all items of a condition.
    user : str
        The item and its options.
    ask : str
        The closing sentences of the user's turn, which depend on the elicitation.
    reply_start : str
        The text that the model's turn is made to begin with.
    """

    system: str
    user: str
    ask: str
    reply_start: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    Parameters
    ----------
    turn : Turn
        The text the model is given.
    kind : {"options", "shares", "text"}
        ``"options"``: the log-probability of each of `choices` as the continuation.
        ``"shares"``: a JSON object that maps each of `choices` to a whole number, the
        numbers adding up to 100. ``"text"``: whatever the model writes.
    choices : tuple of str
        The option labels, in the order shown.
    max_tokens : int
        The longest reply, in tokens, for the kind ``"text"``.
    stop : str
        The text after which a reply is complete, kept in the reply; ``""`` for none.
    temperature : float
        0 for greedy decoding; larger values draw from the softmax of logits / temperature.
    seed : int
        The seed of the draw; without effect at temperature 0.
    baseline : Turn or None
        For the kind ``"options"``: a turn without content, whose scores are wanted too.
    """

    turn: Turn
    kind: RequestKind
    choices: tuple[str, ...] = ()
    max_tokens: int = 0
    stop: str = ""
    temperature: float = 0.0
    seed: int = 0
    baseline: Turn | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend brings back.

    Parameters
    ----------
    text : str
        The reply without its forced start; for the kind ``"options"`` the likeliest label;
        of an answer that never came, why.
    finish : {"stop", "length", "error"}
        Whether the reply ended by itself, ran into its limit, or never came.
    log_probabilities : tuple of float
        Natural logarithms, parallel to the request's choices; empty for other kinds.
    prompt_tokens, completion_tokens : int
        Tokens of the whole prompt, and tokens written or scored.
    seconds : float
        Wall time spent on this request.
    baseline : tuple of float
        The log-probabilities after the request's baseline; empty where it has none.
    """

    text: str
    finish: Literal["stop", "length", "error"] = "stop"
    log_probabilities: tuple[float, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    baseline: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """How much a list of requests asks of a model.

    Parameters
    ----------
    requests : int
        How many there are.
    prompt_tokens : int
        Tokens of all prompts together.
    evaluated_tokens : int
        Tokens that are evaluated, shared parts once.
    shared_tokens : int
        Of these, tokens of the parts that the items of a condition share.
    completion_tokens : int
        Tokens written or scored, at most.
    longest_prompt : int
        Tokens of the longest prompt.
    """

    requests: int = 0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    shared_tokens: int = 0
    completion_tokens: int = 0
    longest_prompt: int = 0


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
        What identifies the weights: the SHA-256 of the model file, or a server's address
        and model name.
    template : ChatTemplate or None
        How a turn becomes text; None where a server applies a template of its own.
    layout : Mapping of str to str or int
        How tokens are batched on their way through the model: on quantised models this
        moves log-probabilities, so it belongs to the key.
    versions : Mapping of str to str
        The library versions, recorded beside the replies and not part of their keys.
    """

    backend: str
    model: str
    fingerprint: str
    template: ChatTemplate | None = None
    layout: Mapping[str, str | int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def text(self, turn: Turn) -> tuple[str, ...]:
        """Return the exact text of a turn in its split parts: shared, item, closing."""
        if self.template is None:
            return (turn.system, turn.user, turn.ask, turn.reply_start)
        return self.template.render(turn.system, turn.user, turn.ask, turn.reply_start)

    def to_json(self) -> str:
        """Return the card as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Return the card that `to_json` wrote."""
        from doxa.backend.template import ChatTemplate

        fields = json.loads(text)
        if fields["template"] is not None:
            fields["template"] = ChatTemplate(**fields["template"])
        return cls(**fields)


def request_key(card: ModelCard, request: Request) -> str:
    """Return the SHA-256, in hexadecimal, of everything that determines a reply.

    Parameters
    ----------
    card : ModelCard
        The model, its weights' fingerprint and the layout of its batches.
    request : Request
        Its kind, its parameters and the text. Several draws differ in their seeds.

    Examples
    --------
    >>> card = ModelCard("replay", "tiny", fingerprint="0" * 64)
    >>> request = Request(Turn("Be brief.", "Yes or no?", "Answer:"), "text", max_tokens=3)
    >>> len(request_key(card, request))
    64
    """
    material = asdict(replace(request, turn=Turn("", "", ""), baseline=None))
    del material["turn"], material["baseline"]
    material["task"] = material.pop("kind")  # the name that keys have been made with
    if request.baseline is not None:
        material["baseline"] = card.text(request.baseline)
    if request.temperature == 0:
        del material["seed"]
    material |= {
        "backend": card.backend,
        "fingerprint": card.fingerprint,
        "layout": dict(card.layout),
        "text": card.text(request.turn),
    }
    line = json.dumps(material, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


class Backend(Protocol):
    """The seam between doxa and whatever runs a model."""

    free: bool
    """Whether asking costs nothing but time, so that speed may be learnt by asking."""

    @property
    def card(self) -> ModelCard:
        """What determines the replies besides the request."""
        ...

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Make room for `requests` and say how many tokens they are.

        Raises
        ------
        ModelError
            A prompt is longer than the model's limit.
        """
        ...

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer, as the answers come.

        The iterable is consumed only as fast as requests are taken up, so a caller may
        reserve work in it.
        """
        ...

    def close(self) -> None:
        """Free what the backend holds."""
        ...
