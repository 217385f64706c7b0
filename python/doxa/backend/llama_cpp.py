"""GGUF models through llama-cpp-python, each in a process that it can't take down with it."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, groupby, islice, zip_longest
from typing import TYPE_CHECKING, Any, Final

from doxa.backend import gguf
from doxa.backend.backends import out_of_range
from doxa.backend.child import Child, CrashError
from doxa.backend.decoder import BATCH
from doxa.backend.header import read_header
from doxa.backend.named import locate
from doxa.backend.request import Answer, ModelCard, Turn, Workload
from doxa.backend.template import ChatTemplate
from doxa.backend.unfit import unfit
from doxa.errors import InvalidArgumentError, ModelError
from doxa.outside.extras import require
from doxa.outside.processor import cores

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from doxa.backend.named.located import Located, Told
    from doxa.backend.request import Request

__all__ = ["LlamaCpp"]

_WORKER: Final = "doxa.backend.worker"

_PIECE: Final = 256
"""The number of requests sent at once to be prepared for."""

_HOPELESS: Final = 3
"""After crashes on so many items in a row, a model is not asked any further."""


class LlamaCpp:
    """A model file, loaded into a process of its own.

    Text goes through the chat template in the file's metadata. A model without a template counts as
    a base model and gets plain text. The text that the items of a condition share is evaluated
    once, and so is the text that the elicitations of an item share. With ``parallel=1`` the logits
    depend on the prompt alone, to the bit. With more prompts side by side, the logits of a
    quantised model also depend on the other prompts, so `parallel` is part of every reply's key.

    llama.cpp ends its process on some damaged files and prompts, and so does a system that runs out
    of memory. While a file is loaded, that is a `ModelError`. Later the file is loaded anew and the
    prompts under way are evaluated one by one: that of a second crash is answered with an error.

    Parameters
    ----------
    model : str, path or Located
        A GGUF file, or a name of one, as `doxa.backend.named.locate` takes them.
    name : str, optional
        The name in tables. Default: the file's name without its suffix; for ``ollama:`` the name
        that Ollama shows.
    threads : int, optional
        Threads of evaluation, at most 512. Default: the number of cores that this process may use.
        The logits do not depend on it.
    gpu_layers : int, optional
        Layers put on the GPU, -1 for all. Default: all if llama.cpp was built for a GPU. doxa's own
        tests run without a GPU.
    parallel : int
        The number of prompts evaluated side by side, at most 85.
    context_length : int, optional
        The most tokens of a prompt and its reply together. The default, and the limit, is the
        length that the model was trained for. The cache grows only as far as the prompts need.
    told : callable
        Called with each line that the user should read: where a name leads, and the `notice`.

    Attributes
    ----------
    notice : str
        Why asking is slower than it could be; ``""`` if it is not.

    Raises
    ------
    ModelError
        The file is missing, damaged or of another format, or holds nothing that can be asked.
    InvalidArgumentError
        A number is out of its range.
    MissingExtraError
        llama-cpp-python is not installed.
    """

    free = True

    def __init__(
        self,
        model: str | os.PathLike[str] | Located,
        *,
        name: str | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        parallel: int = 1,
        context_length: int | None = None,
        told: Told = lambda _: None,
    ) -> None:
        for what, value in (("parallel", parallel), ("threads", threads)):
            if value is not None and (wrong := out_of_range("llama_cpp", what, value)):
                raise InvalidArgumentError(f"{what} is {value}: {wrong}")
        require("llama_cpp")
        located = locate(model, told)
        self._file = file = located.file
        self._parallel = parallel
        self._options = {
            "name": name or located.name,
            "threads": threads or cores(),
            "gpu_layers": gpu_layers,
            "parallel": parallel,
            "context_length": context_length,
        }
        self._crashed: list[str] = []
        self._child: Child | None = None
        try:
            # the process starts while the file is read
            self._child = Child(_WORKER)
            self._state = _state(file)
            if why := unfit(read_header(file).values):
                raise ModelError(f"model {file} cannot be asked: {why}")
            fingerprint = gguf.fingerprint(file)
            if located.sha256 not in ("", fingerprint):
                raise ModelError(
                    f"model {file} is damaged: its SHA-256 is {fingerprint}, and "
                    f"{located.origin['source']} says {located.sha256}: remove it and get it again"
                )
            found = self._load(self._child)
            self.notice: str = found["notice"]
            if self.notice:
                told(self.notice)
            trained = found["trained"]
            if context_length is not None and not 1 <= context_length <= trained:
                raise InvalidArgumentError(
                    f"context_length is {context_length}: {file} was trained for 1 to {trained} "
                    "tokens"
                )
            template = ChatTemplate(found["chat_template"], found["bos"], found["eos"])
            try:
                template.render("", "", "")
            except ModelError as error:
                raise ModelError(f"model {file}: {error}") from None
        except BaseException:
            self.close()
            raise
        self.card = ModelCard(
            backend="llama_cpp",
            model=name or located.name,
            fingerprint=fingerprint,
            template=template,
            layout={
                "split": "shared/item/closing",
                "batch": BATCH,
                "parallel": parallel,
                "gpu_layers": found["gpu_layers"],
                **({} if found["memory"] == "all" else {"memory": found["memory"]}),
            },
            versions=_versions() | {"device": found["device"]},
            origin=located.origin,
        )

    def __enter__(self) -> LlamaCpp:
        """Return the backend itself; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the backend."""
        self.close()

    def close(self) -> None:
        """End the process that holds the model."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def prepare(self, requests: Sequence[Request]) -> Workload:
        """Make the cache large enough for `requests`, and count their tokens.

        Returns
        -------
        Workload
            The number of requests and their tokens; `evaluated_tokens` counts shared parts once.

        Raises
        ------
        ModelError
            A prompt with its reply is longer than the model was trained for, or the memory is too
            small.
        """
        child = self._running()
        try:
            for start in range(0, len(requests), _PIECE):
                piece = [self._spelled(request) for request in requests[start : start + _PIECE]]
                list(child.ask(("expect", piece)))
            [counted] = child.ask(("prepare",))
        except CrashError as crash:
            self.close()
            raise ModelError(
                f"model {self._file}: llama.cpp crashed while it made room for the prompts "
                f"({crash}): evaluate fewer side by side (--parallel), or take a smaller model"
            ) from None
        return Workload(*counted)

    def ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield each request with its answer, `parallel` items at a time.

        Requests about one item should follow each other, so that the item is evaluated once.

        Raises
        ------
        ModelError
            llama.cpp crashes on one item after another, or the file has changed since it was
            loaded.
        """
        items = groupby(requests, key=lambda request: (request.turn.system, request.turn.user))
        while together := [list(item) for _, item in islice(items, self._parallel)]:
            side_by_side = zip_longest(*together)
            rounds = [[one for one in group if one is not None] for group in side_by_side]
            left = deque(chain.from_iterable(rounds))
            crash = yield from self._until_crash(rounds, left)
            # one of these, or all of them together
            while crash is not None and left:
                request = left[0]
                if again := (yield from self._until_crash([[request]], left)):
                    left.popleft()
                    yield request, self._given_up(request, again)

    def _until_crash(
        self, rounds: Sequence[Sequence[Request]], left: deque[Request]
    ) -> Generator[tuple[Request, Answer], None, CrashError | None]:
        """Yield answers and take their requests from `left`, until all have come or a crash."""
        child, finished = self._running(), False
        spelled = [[self._spelled(request) for request in together] for together in rounds]
        try:
            for values in child.ask(("ask", spelled)):
                self._crashed.clear()
                yield left.popleft(), _answer(values)
            finished = True
        except CrashError as crash:
            return crash
        finally:
            if not finished:  # what it goes on answering is not wanted any more
                self.close()
        return None

    def _given_up(self, request: Request, crash: CrashError) -> Answer:
        """Answer a request on which llama.cpp crashed twice."""
        if request.turn.user not in self._crashed:
            self._crashed.append(request.turn.user)
        if len(self._crashed) == _HOPELESS:
            raise ModelError(
                f"model {self._file}: llama.cpp crashed on {_HOPELESS} items in a row ({crash}): "
                "the file is damaged, or too large for the memory; replies so far are kept"
            )
        return Answer(f"llama.cpp crashed twice ({crash})", "error")

    def _running(self) -> Child:
        """Return the process that holds the model; start another one after a crash."""
        if self._child is None:
            if _state(gguf.check(self._file)) != self._state:
                raise ModelError(
                    f"model {self._file} has changed since it was loaded: start the run again"
                )
            self._child = Child(_WORKER)
            self._load(self._child)
        return self._child

    def _load(self, child: Child) -> dict[str, Any]:
        """Load the model, and return what its file says."""
        try:
            [found] = child.ask(("load", self._file, self._options))
        except CrashError as crash:
            self.close()
            raise ModelError(
                f"model {self._file} cannot be loaded: llama.cpp crashed on it ({crash}); the file "
                "is damaged, or too large for the memory: download it again, or take a smaller one"
            ) from None
        except BaseException:
            self.close()
            raise
        assert isinstance(found, dict)
        return found

    def _spelled(self, request: Request) -> Request:
        """Return a request with the exact texts that the model reads for its turns."""
        thought = request.thought
        turn = Turn(*self.card.text(request.turn, thinks=thought is not None))
        baseline = None
        if request.baseline is not None:
            # the question has no content: an empty thought is closed
            shared, user, *rest = self.card.text(request.baseline, thinks=thought is not None)
            baseline = Turn(shared, user, "".join(rest))
        if thought is not None:
            assert self.card.template is not None
            assert self.card.template.thinking is not None
            thought = replace(thought, end=self.card.template.thinking.end)
        return replace(request, turn=turn, baseline=baseline, thought=thought)


def _answer(values: Sequence[Any]) -> Answer:
    """Return the answer whose fields came as JSON, which has no tuples."""
    fields: list[Any] = [tuple(one) if isinstance(one, list) else one for one in values]
    return Answer(*fields)


def _state(file: Path) -> tuple[int, ...]:
    """Return what tells a file from another one in its place."""
    found = file.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _versions() -> dict[str, str]:
    found = {}
    for package in ("llama_cpp_python", "doxa"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
