"""Sends requests to a server, within bounds on time and size, and tries again."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final

from doxa.backend.server.fault import FaultError
from doxa.outside.documents import json_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from concurrent.futures import Future
    from typing import TypeVar

    from doxa.backend.server.address import Address

    T = TypeVar("T")

__all__ = ["LARGEST", "LONGEST_WAIT", "Connection"]

LARGEST: Final = 2**20
"""The largest body that is read, in bytes, if nothing else is said."""
LONGEST_WAIT: Final = 60.0
"""The longest wait that a server may ask for, in seconds."""

_CONNECTING: Final = 15.0
_TOLD: Final = 5.0
"""Waits from this length on are announced."""
_SHOWN: Final = 200
_BUSY: Final = (408, 425, 429)
_UNAVAILABLE: Final = 503
_REDIRECTS: Final = (301, 302, 303, 307, 308)

_LOGS: Final = ("httpx2", "httpcore2.connection", "httpcore2.http11", "httpcore2.proxy")

_log = logging.getLogger("doxa")


class Connection:
    """A connection to a server; requests are sent from a thread of its own.

    So a caller can stop waiting at any moment, whatever the server does.

    Parameters
    ----------
    address : Address
        The server.
    parallel : int
        The most requests under way at once.
    timeout : float
        The most seconds from sending a request to the end of its reply.
    tries : int
        The most times that a request is sent.
    pause : float
        Seconds before the second try, doubled for each further one; longer if the server asks for
        it, up to `LONGEST_WAIT`.
    """

    def __init__(
        self, address: Address, *, parallel: int, timeout: float, tries: int, pause: float
    ) -> None:
        import httpx2

        self._http = httpx2
        self._address = address
        self._timeout, self._tries, self._pause = timeout, tries, pause
        self._client = address.client(
            # cookies of a hostile server would pile up
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            # bytes left over on a connection would be read as the reply to its next request
            limits=httpx2.Limits(max_connections=parallel, max_keepalive_connections=0),
            timeout=httpx2.Timeout(None, connect=min(_CONNECTING, timeout)),
        )
        for name in _LOGS:
            logging.getLogger(name).addFilter(address)
        self._reached = False
        self._hurried = False
        self._last_told = -math.inf
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work that awaits `post`; cancelling the future stops it at once."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def hurry(self) -> None:
        """Let what is under way end, but try nothing again."""
        self._hurried = True

    def close(self) -> None:
        """Stop what is under way, and close the connections."""
        if self._loop.is_closed():
            return
        for name in _LOGS:
            logging.getLogger(name).removeFilter(self._address)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self._loop.close()

    async def post(
        self, path: str, body: Mapping[str, Any], most: int = LARGEST, *, trial: bool = False
    ) -> dict[str, Any]:
        """Send a request; return the object that the server replies with, of `most` bytes.

        After a failure that may pass, wait and send it again. On a `trial` of what a server may not
        know, no failure may pass but that of a busy server.

        Raises
        ------
        FaultError
            There is no such reply.
        """
        return await self._patiently("POST", path, json.dumps(body).encode(), most, trial)

    async def get(self, path: str) -> dict[str, Any]:
        """Get an object that a server may have, as `post` does on a trial."""
        return await self._patiently("GET", path, None, LARGEST, True)

    async def _patiently(
        self, method: str, path: str, data: bytes | None, most: int, trial: bool
    ) -> dict[str, Any]:
        for attempt in range(1, self._tries + 1):
            asked = 0.0
            try:
                async with asyncio.timeout(self._timeout):
                    status, headers, found = await self._exchange(method, path, data, most)
            except TimeoutError:
                fault = FaultError(f"did not reply within {self._timeout:g} s", "passing")
            except self._http.HTTPError as error:
                fault = self._broken(error)
                if fault.reach == "all" and not self._reached:
                    raise fault from None
            else:
                self._reached = True
                if 200 <= status < 300:
                    return self._object(found)
                fault = self._refused(status, headers, found)
                if fault.reach != "passing" or (trial and status not in (*_BUSY, _UNAVAILABLE)):
                    raise fault
                asked = _seconds(headers.get("retry-after", ""))
            if attempt == self._tries or self._hurried:
                break
            await self._wait(self._pause * 2 ** (attempt - 1), asked, attempt)
        times = f", {attempt} times" if attempt > 1 else ""
        raise FaultError(f"{fault.reason}{times}", fault.reach, fault.status)

    async def _exchange(
        self, method: str, path: str, data: bytes | None, most: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        url, body = self._address.url(path), bytearray()
        async with self._client.stream(method, url, content=data, headers=headers) as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                # it could unpack to a thousand times what is counted
                raise FaultError("compressed its reply, although it was asked not to")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > most:
                    raise FaultError(f"sent more than {most} bytes")
        return response.status_code, response.headers, bytes(body)

    def _object(self, data: bytes) -> dict[str, Any]:
        if not data:
            raise FaultError("sent an empty reply")
        try:
            found = json_of(data)
        except ValueError:
            raise FaultError(f"sent something else than JSON: {self._said(data)}") from None
        if not isinstance(found, dict):
            raise FaultError(f"sent JSON that is no object: {self._said(data)}")
        if "choices" not in found and found.get("error"):
            raise FaultError(f"refuses the request: {self._said(data)}")
        return found

    def _refused(self, status: int, headers: Mapping[str, str], data: bytes) -> FaultError:
        """Return what a status other than 200 to 299 means."""
        if status == 401:
            return FaultError(
                f"refuses the API key: correct {self._address.key_name}", "all", status
            )
        if status == 403:
            return FaultError(
                f"refuses the API key, or the request: correct {self._address.key_name}; it says: "
                f"{self._said(data)}",
                "server",
                status,
            )
        if status == 404:
            return FaultError(
                f"has no such model, or the address is wrong; it says: {self._said(data)}",
                "server",
                status,
            )
        if status in _REDIRECTS:
            where = self._address.masked(_line(headers.get("location", "nowhere")))
            return FaultError(
                f"sends requests on to {where}, and prompts are not sent there: if that is right, "
                "give it as the address",
                "server",
                status,
            )
        if status in _BUSY or status >= 500:
            return FaultError(f"failed: {self._said(data) or status}", "passing", status)
        return FaultError(f"refuses the request: {self._said(data) or status}", status=status)

    def _broken(self, error: Exception) -> FaultError:
        """Return what an exception of the connection means."""
        if isinstance(error, self._http.ConnectError | self._http.ConnectTimeout):
            tls = _cause(error, ssl.SSLError)
            if isinstance(tls, ssl.SSLCertVerificationError):
                return FaultError(
                    f"has a certificate that is not trusted: {tls.verify_message}", "all"
                )
            if tls is not None:
                why = (tls.reason or "").lower().replace("_", " ") or "the handshake failed"
                return FaultError(f"cannot be reached over TLS: {why}; try http://", "all")
            return FaultError("cannot be reached: start it, or correct the address", "all")
        if isinstance(error, self._http.ProxyError):
            return FaultError(f"cannot be reached through the proxy: {_line(str(error))}", "all")
        if isinstance(error, self._http.UnsupportedProtocol):
            return FaultError(
                "cannot be reached: its address begins with neither http nor https", "all"
            )
        why = self._address.masked(_line(str(error))) or type(error).__name__
        return FaultError(f"broke off, or sent something else than HTTP ({why})", "passing")

    async def _wait(self, seconds: float, asked: float, attempt: int) -> None:
        waited = max(seconds, min(asked, LONGEST_WAIT))
        now = time.monotonic()
        if waited >= _TOLD and now >= self._last_told + waited:
            self._last_told = now
            says = f" (it asks for {asked:.0f} s)" if asked > waited else ""
            _log.warning(
                "the server at %s is busy: waiting %.0f s%s before try %d of %d",
                self._address.public,
                waited,
                says,
                attempt + 1,
                self._tries,
            )
        await asyncio.sleep(waited)

    def _said(self, data: bytes) -> str:
        """Return what a body says in one short line, without this server's secrets."""
        text = data[: 16 * _SHOWN].decode("utf-8", "replace")
        with suppress(ValueError):
            found = json_of(data)
            for name in ("error", "message", "detail"):
                found = found.get(name, found) if isinstance(found, dict) else found
            text = found if isinstance(found, str) else json.dumps(found)
        line = _line(self._address.masked(text))
        return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.gather(*tasks, return_exceptions=True)
                await self._client.aclose()
        self._loop.stop()


def _seconds(told: str) -> float:
    """Read the header Retry-After, seconds or a date; return 0 if it says nothing sensible."""
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return 0.0 if math.isnan(seconds) else max(0.0, seconds)


def _cause(error: BaseException | None, kind: type[ssl.SSLError]) -> ssl.SSLError | None:
    """Return the error of a kind that led to another one."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _line(text: str) -> str:
    """Return a text in one line, without characters that steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
