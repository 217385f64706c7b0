"""A real llama-server on loopback, from the package xllamacpp.

``python tests/llama_server.py MODEL`` serves a model file and prints its address.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serving(model: str | os.PathLike[str]) -> Iterator[str]:
    """Serve a model file; yield the address."""
    command = [sys.executable, str(Path(__file__)), os.fspath(model)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield f"{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


def _serve(model: str) -> None:
    import xllamacpp

    wanted = xllamacpp.CommonParams()
    wanted.model.path = model
    wanted.port = 0
    wanted.n_ctx = 4096
    wanted.n_parallel = 1
    wanted.n_gpu_layers = 0
    wanted.verbosity = 0
    wanted.warmup = False
    # more would wait for one another, spinning, where the machine has other work
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
    # flash attention rounds to half precision, which the model in process does not
    wanted.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    server = xllamacpp.Server(wanted)
    print(server.listening_address, flush=True)  # noqa: T201
    sys.stdin.read()
    time.sleep(0.1)


if __name__ == "__main__":
    _serve(sys.argv[1])
