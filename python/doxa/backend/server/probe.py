"""Finds out what a server is and what it can do, once, and chooses the best way of asking it.

1. llama-server says what it is in ``/props``, with the chat template of its model.
2. A server with ``/tokenize`` (vLLM) tells how it fills its template; if its completions end point
   gives the probabilities of a prompt's tokens, whole labels can be scored.
3. So they can where ``echo`` does the same and there is no chat template, as for a base model.
4. Any other is asked as a chat end point.

A reply is believed only if it has the documented form: what a server does not know, it may refuse,
ignore or answer with a page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.server.capabilities import Capabilities
from doxa.backend.server.chat import Chat
from doxa.backend.server.completions import Completions
from doxa.backend.server.fault import FaultError
from doxa.backend.server.llama_server import LlamaServer
from doxa.backend.template import ChatTemplate
from doxa.backend.thinking import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doxa.backend.server.asking import Endpoint
    from doxa.backend.server.capabilities import Scoring
    from doxa.backend.server.connection import Connection

__all__ = ["probe"]

_STAND_IN: Final = (
    "{%- for message in messages -%}\n"
    "  {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}\n"
    "{%- endfor -%}\n"
    "{%- if add_generation_prompt -%}\n"
    "  {{- '<|im_start|>assistant\n' -}}\n"
    "{%- endif -%}"
)
"""The template that llama.cpp takes for a model whose file has none."""
_FAILED: Final = range(500, 503)
"""Statuses of servers that stumble over what they do not know; 503 and 504 say that they wait."""
_SYSTEM: Final = "doxa-system-marker"
_USER: Final = "doxa-user-marker"
_TRIAL: Final = "One and one is 2"


async def probe(connection: Connection, model: str) -> Endpoint:
    """Find out what a server is, and return the best way of asking it.

    Parameters
    ----------
    connection : Connection
        The connection to the server.
    model : str
        The model's name there.

    Raises
    ------
    FaultError
        The server cannot be reached, refuses the key, or is busy for long.
    """
    listed = await _offered(connection, "models")
    props = await _offered(connection, "/props")
    if isinstance(props.get("chat_template"), str) and "default_generation_settings" in props:
        return LlamaServer(connection, _of_llama_server(props, listed))
    versions = await _offered(connection, "/version")
    version = versions.get("version")
    entry = _entry(listed, model)
    owner = entry.get("owned_by")
    known = owner == "vllm"
    program = "vLLM" if known else ""
    named = version if known and isinstance(version, str) else ""
    serves = f"{entry['root']}" if isinstance(entry.get("root"), str) else ""
    template = await _template(connection, model)
    tokenizes = template is not None
    ways: tuple[Scoring, ...] = ("prompt_logprobs", "echo") if tokenizes else ("echo",)
    for scoring in ways:
        filled = template or ChatTemplate()
        found = Capabilities(program, named, scoring, filled, serves or model, tokenizes)
        endpoint = Completions(connection, found, model)
        # without its template, only a base model can be asked so
        if await _scores(endpoint) and (tokenizes or not await _chats(connection, model)):
            return endpoint
    return Chat(connection, Capabilities(program, named, "top", serves=serves), model)


async def _offered(
    connection: Connection, path: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a server has at a path; an empty object if it has nothing of the kind."""
    try:
        if body is None:
            return await connection.get(path)
        return await connection.post(path, body, trial=True)
    except FaultError as fault:
        if _lasting(fault):
            return {}
        raise


def _lasting(fault: FaultError) -> bool:
    """Tell whether a fault says that a server does not know what was asked of it."""
    return fault.reach in ("reply", "server") or fault.status in _FAILED


def _of_llama_server(props: Mapping[str, Any], listed: Mapping[str, Any]) -> Capabilities:
    source = props["chat_template"]
    if source == _STAND_IN:
        source = ""
    bos, eos = (
        found if isinstance(found := props.get(name), str) else ""
        for name in ("bos_token", "eos_token")
    )
    entry = _entry(listed, "")
    meta = found if isinstance(found := entry.get("meta"), dict) else {}
    names = ("n_params", "size", "n_vocab", "ftype")
    file = str(props.get("model_path", "")).replace("\\", "/").rpartition("/")[2]
    facts = {"file": file, **{name: meta[name] for name in names if name in meta}}
    return Capabilities(
        "llama-server",
        version if isinstance(version := props.get("build_info"), str) else "",
        "forced",
        ChatTemplate(source, bos, eos),
        json.dumps(facts, sort_keys=True),
        tokenizes=True,
    )


def _entry(listed: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Return what a server's list of models says of one, or of the first."""
    data = listed.get("data")
    entries = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    return next((one for one in entries if one.get("id") == model), next(iter(entries), {}))


async def _template(connection: Connection, model: str) -> ChatTemplate | None:
    """Return how a server fills its template, plain text for a base model; None if unknown."""
    trial = {"model": model, "prompt": _TRIAL, "add_special_tokens": False}
    if not _numbers(await _offered(connection, "/tokenize", trial)):
        return None
    system = {"role": "system", "content": _SYSTEM}
    user = {"role": "user", "content": _USER}
    for messages in ([system, user], [user]):
        off, on = [await _filled(connection, model, messages, thinks) for thinks in (False, True)]
        if off:
            source = _literal(off)
            if on not in ("", off):
                source = (
                    f"{{% if enable_thinking %}}{_literal(on)}{{% else %}}{source}{{% endif %}}"
                )
            return ChatTemplate(source)
    return None if await _chats(connection, model) else ChatTemplate()


async def _filled(
    connection: Connection, model: str, messages: list[dict[str, str]], thinks: bool
) -> str:
    """Return the text that a server makes of turns, its model told to think or not to."""
    body = {"model": model, "messages": messages, "add_generation_prompt": True}
    body["chat_template_kwargs"] = told(thinks=thinks)
    tokens = _numbers(await _offered(connection, "/tokenize", body))
    if not tokens:
        return ""
    found = await _offered(connection, "/detokenize", {"model": model, "tokens": tokens})
    text = found.get("prompt")
    return text if isinstance(text, str) and text.count(_USER) == 1 else ""


def _literal(text: str) -> str:
    """Return a template that writes what a server's template wrote around the turns."""
    before, _, rest = text.partition(_USER)
    head, marker, between = before.partition(_SYSTEM)
    quoted = [_quoted(part) for part in (head, between, rest)]
    system = "{{ messages[0]['content'] }}" if marker else ""
    return f"{quoted[0]}{system}{quoted[1]}{{{{ messages[-1]['content'] }}}}{quoted[2]}"


def _quoted(text: str) -> str:
    return f"{{{{ {json.dumps(text)} }}}}" if text else ""


def _numbers(found: Mapping[str, Any]) -> list[int]:
    tokens = found.get("tokens")
    if isinstance(tokens, list) and tokens and all(type(token) is int for token in tokens):
        return tokens
    return []


async def _chats(connection: Connection, model: str) -> bool:
    """Tell whether a server takes a chat."""
    messages = [{"role": "user", "content": _TRIAL}]
    body = {"model": model, "messages": messages, "max_tokens": 1}
    return bool(await _offered(connection, "chat/completions", body))


async def _scores(endpoint: Completions) -> bool:
    """Tell whether a completions end point gives the probabilities of a prompt's tokens."""
    try:
        prompt = await endpoint.tokens(_TRIAL) if endpoint.capabilities.tokenizes else _TRIAL
        [scored] = await endpoint.score([prompt], trial=True)
    except FaultError as fault:
        if _lasting(fault):
            return False
        raise
    return None not in scored.logs[1:]
