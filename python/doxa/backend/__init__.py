"""Backends: they run a model, take requests and return answers.

================  ======================================================================
`request`         requests and answers of every backend, and the key of a reply
`backends`        the table of backends, and `load`
`engine`          `Engine`: which backend an experiment uses, with what parameters
`guarded`         whatever a backend raises for one request is that request's error
`llama_cpp`       a backend: GGUF files in this process
`openai_server`   a backend: models behind an OpenAI-compatible server
`replay`          a backend: recorded answers, replayed
================  ======================================================================

The parts of `openai_server` are in the room `server`; these are those of `llama_cpp`:

================  ======================================================================
`gguf`            model files: check, fingerprint, quantise anew
`library`         the library llama.cpp, loaded once
`weights`         a model file in memory
`vocabulary`      text to tokens and back
`template`        from a turn to the exact text that a model reads
`plan`            from a request to the steps that answer it
`decoder`         evaluation of tokens, each shared part once
================  ======================================================================
"""

from doxa.backend.backends import BACKENDS, BackendRow, load
from doxa.backend.engine import Engine
from doxa.backend.request import (
    Answer,
    Backend,
    ModelCard,
    Request,
    RequestKind,
    Turn,
    Workload,
    request_key,
)

__all__ = [
    "BACKENDS",
    "Answer",
    "Backend",
    "BackendRow",
    "Engine",
    "ModelCard",
    "Request",
    "RequestKind",
    "Turn",
    "Workload",
    "load",
    "request_key",
]
