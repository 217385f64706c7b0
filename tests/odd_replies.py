"""Replies of servers, valid, odd and hostile, made from a seed: what each sends and may become."""

from __future__ import annotations

import gzip
import json
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripted_server import Raw, completion, failing, replying

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripted_server import Prepared

    Asked = dict[str, Any]
    Make = Callable[[random.Random, Asked], Prepared | Raw]

__all__ = ["KINDS", "Kind", "choice_of", "expected"]

OK, BAD = frozenset({"ok"}), frozenset({"error"})
WORDS = frozenset({"refused", "unparsable", "truncated"})
ANY = OK | WORDS | BAD


@dataclass(frozen=True)
class Kind:
    """A kind of reply: how it is made, the statuses that it may end in, and its weight."""

    make: Make
    becomes: frozenset[str]
    group: str
    weight: int = 1


def expected(asked: Asked) -> Any:
    """Return what a valid reply to a request says; it depends on the request alone."""
    draw = random.Random(json.dumps(asked.get("messages")))
    if asked.get("logprobs"):
        return {label: draw.uniform(0.05, 0.24) for label in "1234"}
    if asked.get("response_format"):
        first = draw.randrange(0, 101)
        return {"1": first, "2": 100 - first, "3": 0, "4": 0}
    return draw.choice("1234")


def valid(asked: Asked) -> dict[str, Any]:
    said = expected(asked)
    if asked.get("logprobs"):
        return completion("1", said)
    return completion(said if isinstance(said, str) else json.dumps(said))


def choice_of(change: Callable[[dict[str, Any]], Any]) -> Make:
    """Make a valid completion whose first choice is changed in place."""

    def make(_: random.Random, asked: Asked) -> Raw:
        found = valid(asked)
        change(found["choices"][0])
        return replying(found)

    return make


def whole(change: Callable[[dict[str, Any]], Any]) -> Make:
    def make(_: random.Random, asked: Asked) -> Raw:
        found = valid(asked)
        change(found)
        return replying(found)

    return make


def says(content: Any) -> Make:
    """Make a completion with a content; where probabilities are asked for, they are right."""
    return choice_of(lambda choice: choice["message"].update(content=content))


def top(entries: Callable[[list[dict[str, Any]]], Any]) -> Make:
    """Make a completion whose most likely tokens are changed."""

    def change(choice: dict[str, Any]) -> None:
        if choice["logprobs"]:
            first = choice["logprobs"]["content"][0]
            first["top_logprobs"] = entries(first["top_logprobs"])

    return choice_of(change)


def logprob(value: object, place: int = 1) -> Make:
    def change(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        listed[place]["logprob"] = value
        return listed

    return top(change)


def fixed(reply: Prepared | Raw) -> Make:
    return lambda *_: reply


def raw(*steps: bytes | float | None, **how: Any) -> Make:
    return fixed(Raw(steps, **how))


def around(before: bytes = b"", after: bytes = b"", *headers: str) -> Make:
    """Make a valid reply with bytes before and after it, and more headers."""

    def make(_: random.Random, asked: Asked) -> Raw:
        [reply] = replying(valid(asked), *headers).steps
        assert isinstance(reply, bytes)
        return Raw((before + reply + after,))

    return make


def cut(share: float, *rest: bytes | float | None, **how: Any) -> Make:
    """Make a valid reply that breaks off after a share of its bytes."""

    def make(_: random.Random, asked: Asked) -> Raw:
        [reply] = replying(valid(asked)).steps
        assert isinstance(reply, bytes)
        return Raw((reply[: int(len(reply) * share)], *rest), **how)

    return make


def chunked(*chunks: bytes) -> Make:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return raw(head + b"".join(chunks))


def pieces(_: random.Random, asked: Asked) -> Raw:
    """Send a valid reply in small chunks of the transfer encoding."""
    data = json.dumps(valid(asked)).encode()
    parts = [data[start : start + 50] for start in range(0, len(data), 50)]
    lines = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return Raw((head, *lines, b"0\r\n\r\n"))


def garbage(draw: random.Random, _: Asked) -> Raw:
    return Raw((draw.randbytes(draw.randrange(1, 4000)),))


def damaged(draw: random.Random, asked: Asked) -> Raw:
    """Change some bytes of a valid body."""
    data = bytearray(json.dumps(valid(asked)).encode())
    for _ in range(draw.randrange(1, 6)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return replying(bytes(data))


def swapped(draw: random.Random, asked: Asked) -> Raw:
    """Put something of another type at a random place of a valid body."""
    found = valid(asked)
    inner: Any = found
    while True:
        key = draw.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        if not isinstance(inner[key], dict | list) or not inner[key] or draw.random() < 0.3:
            break
        inner = inner[key]
    odd = (None, True, 1e400, -1, 10**30, "x", "", [], {}, [None], {"x": 1}, "\ud800", 0.5)
    inner[key] = draw.choice(odd)
    return replying(json.dumps(found))


HTML = "<!doctype html><html><body><h1>Welcome to nginx!</h1></body></html>"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(4 * 2**20))
LONG = b"x" * 2**16
EMPTY_TOP: Make = top(lambda _: [])


def _kinds() -> dict[str, Kind]:
    made: dict[str, Kind] = {
        "valid": Kind(lambda _, asked: replying(valid(asked)), OK, "valid", 200)
    }

    def add(group: str, becomes: frozenset[str], **makes: Make) -> None:
        for name, make in makes.items():
            assert name not in made
            made[name] = Kind(make, becomes, group)

    add("valid", OK, chunked=pieces, interim=around(b"HTTP/1.1 100 Continue\r\n\r\n"),
        cookies=around(b"", b"", "Set-Cookie: a=" + "x" * 4000),
        closing=around(b"", b"", "Connection: close"),
        parts=choice_of(lambda choice: choice["message"].update(
            content=[{"type": "text", "text": choice["message"]["content"]}])),
        no_usage=whole(lambda found: found.pop("usage")))  # fmt: skip
    # what can be read nonetheless, with a note
    add("odd", OK, too_small=logprob(-9999.0), minus_infinity=logprob(-math.inf),
        repeated=top(lambda listed: [*listed, listed[0]]),
        halves=top(lambda listed: [{**listed[0], "logprob": listed[0]["logprob"] - 9}, *listed]),
        usage_text=whole(lambda found: found["usage"].update(prompt_tokens="x")),
        usage_huge=whole(lambda found: found["usage"].update(prompt_tokens=10**30)),
        usage_true=whole(lambda found: found["usage"].update(completion_tokens=True)),
        usage_negative=whole(lambda found: found["usage"].update(completion_tokens=-1)),
        usage_list=whole(lambda found: found.update(usage=[1])),
        usage_none=whole(lambda found: found.update(usage=None)),
        finish_none=choice_of(lambda choice: choice.update(finish_reason=None)),
        finish_odd=choice_of(lambda choice: choice.update(finish_reason={"a": 1})),
        more_choices=whole(lambda found: found["choices"].append(None)))  # fmt: skip
    # texts that are no answer, where a text was asked for
    add("odd", OK | WORDS, null_content=says(None), empty_content=says(""),
        words=says("I cannot answer that."), surrogate=says("\ud83d no"), nul=says("\0\0 no"),
        escapes=says("\x1b[2J\x1b]0;owned\x07 no"), turned=says("no \u202e\u2066"),
        formula=says("=cmd|' /C calc'!A0"), markup=says("<script>alert(1)</script>"),
        spaces=says('{"1": "5' + " " * 200_000 + "}"), braces=says("{" * 200_000),
        digits=says('{"1": ' + "9" * 100_000 + "}"), quotes=says("\"'" * 100_000),
        commas=says("1," * 200_000), infinite=says('{"1": 1e999, "2": -1e999}'),
        share_above=says('{"1": 700, "2": -600}'), twice=says('{"1": 50, "1": 50}'),
        refusal=choice_of(lambda choice: choice["message"].update(content=None, refusal="No.")),
        cut_off=choice_of(lambda choice: choice.update(finish_reason="length", message={
            "content": None})))  # fmt: skip
    add("odd", OK | BAD, above_0=logprob(0.7), not_a_number=logprob(math.nan),
        text_for_number=logprob("-1"), true_for_number=logprob(True), null_number=logprob(None),
        sum_above_1=top(lambda listed: [{**one, "logprob": -0.1} for one in listed]),
        no_option=top(lambda listed: [{**one, "token": "I"} for one in listed]),
        no_token=top(lambda listed: [{"logprob": -1.0}, *listed]),
        token_null=top(lambda listed: [{**listed[0], "token": None}, *listed]),
        top_text=top(lambda _: "top"), top_object=top(lambda listed: {"1": listed}),
        top_empty=EMPTY_TOP, entries=top(lambda _: [1, 2, 3]),
        all_too_small=top(lambda listed: [{**one, "logprob": -9999.0} for one in listed]),
        logprobs_list=choice_of(lambda choice: choice.update(
            logprobs=[1] if choice["logprobs"] else None)),
        logprobs_null=choice_of(lambda choice: choice.update(logprobs=None)))  # fmt: skip
    add("odd", BAD, no_choices=whole(lambda found: found.pop("choices")),
        choices_empty=whole(lambda found: found.update(choices=[])),
        choices_null=whole(lambda found: found.update(choices=None)),
        choices_object=whole(lambda found: found.update(choices={"0": 1})),
        choice_null=whole(lambda found: found.update(choices=[None])),
        error_in_200=fixed(replying({"error": {"message": "overloaded", "code": 1}})),
        html=fixed(replying(HTML)), html_502=fixed(replying(HTML, status="502 Bad Gateway")),
        bad_json=fixed(replying('{"choices": [')), array=fixed(replying([1])),
        text=fixed(replying('"hello"')), number=fixed(replying("12")), null=fixed(replying("null")),
        deep=fixed(replying("[" * 100_000)), digits_number=fixed(replying("9" * 10_000)),
        latin=fixed(replying('{"choices": "é"}'.encode("latin-1"))),
        empty=fixed(replying("")), no_content=raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
        teapot=fixed(failing(418)), too_large=fixed(failing(413)),
        refused=fixed(failing(400, "context length exceeded")), odd_fields=fixed(failing(422)),
        unauthorised_by_body=fixed((400, {}, {"error": "bad"})),
        list_error=fixed((400, {}, {"detail": [{"msg": "no"}]})),
        busy=fixed(failing(503, "loading")), limit=fixed(failing(429)),
        wait_inf=fixed((429, {"Retry-After": "inf"}, {})),
        wait_nan=fixed((429, {"Retry-After": "nan"}, {})),
        wait_negative=fixed((503, {"Retry-After": "-5"}, {})),
        wait_words=fixed((503, {"Retry-After": "soon"}, {})),
        wait_past=fixed((503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, {})),
        failed=fixed(failing(500, "out of\nmemory")), strange=fixed(failing(599)))  # fmt: skip
    # once the server has answered, these are the request's own
    add("odd", BAD, forbidden=fixed(failing(403)), missing=fixed(failing(404)),
        moved=fixed((302, {"Location": "/login"}, {})),
        elsewhere=fixed((307, {"Location": "http://127.0.0.1:1/v1/chat/completions"}, {})),
        elsewhere_for_good=fixed((308, {"Location": "http://\x7f[::bad/"}, {})))  # fmt: skip
    add("hostile", OK, stale=around(b"", replying(completion("4", {"4": 1.0})).steps[0]),
        floods=around(b"HTTP/1.1 102 Processing\r\n\r\n" * 500))  # type: ignore[arg-type] # fmt: skip
    add("hostile", BAD, silent=raw(holds=True), reset=raw(None), closed=raw(),
        reset_in_body=cut(0.9, None), cut_body=cut(0.9), cut_head=cut(0.02),
        waits_for_more=cut(0.9, holds=True), slow=raw(PLAIN, *(byte for _ in range(400)
            for byte in (b"X", 0.05))),
        huge=raw(PLAIN + b"Content-Length: 2000000\r\n\r\n" + LONG * 31),
        claims_huge=raw(PLAIN + b"Content-Length: 99999999999999999999\r\n\r\n" + LONG),
        endless=raw(PLAIN + b"\r\n", endless=LONG),
        endless_chunks=raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            endless=b"10000\r\n" + LONG + b"\r\n"),
        endless_interim=raw(endless=b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        endless_head=raw(PLAIN, endless=b"X-A: " + b"a" * 1000 + b"\r\n"),
        endless_spaces=raw(PLAIN + b"\r\n", endless=b" " * 2**16),
        endless_tiny=raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            endless=b"1\r\n \r\n" * 1000),
        bomb=fixed(replying(BOMB, "Content-Encoding: gzip")),
        bombs=fixed(replying(gzip.compress(BOMB), "Content-Encoding: gzip, gzip")),
        large_header=raw(PLAIN + b"X-A: " + b"a" * 300_000 + b"\r\n\r\n{}"),
        many_headers=raw(PLAIN + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n{}"),
        null_header=raw(PLAIN + b"X: \0\r\n\r\n{}"), bad_line=raw(b"HELLO\r\n\r\n"),
        no_version=raw(b"{}\r\n"), version_2=raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        upgrade=raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", holds=True),
        status_odd=raw(b"HTTP/1.1 999 Odd\r\n\r\n{}"), status_text=raw(b"HTTP/1.1 abc\r\n\r\n{}"),
        bad_chunk=chunked(b"zz\r\n{}\r\n"), vast_chunk=chunked(b"ffffffffffffffff\r\n{}"),
        minus_chunk=chunked(b"-5\r\n{}\r\n0\r\n\r\n"), long_chunk_line=chunked(b"0" * 200_000),
        two_lengths=raw(PLAIN + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}"),
        minus_length=raw(PLAIN + b"Content-Length: -1\r\n\r\n{}"),
        text_length=raw(PLAIN + b"Content-Length: x\r\n\r\n{}"),
        tls=raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))  # fmt: skip
    add("hostile", ANY, garbage=garbage, damaged=damaged, swapped=swapped,
        twins=whole(lambda found: found.update(choices=found["choices"] * 1000)),
        wide=fixed(replying(b'{"choices": [' + b"{}," * 300_000 + b"{}]}")),
        long_text=says("no " * 300_000))  # fmt: skip
    return made


KINDS = _kinds()
"""Every kind by its name; about half of all replies are valid."""
