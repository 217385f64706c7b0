"""Backends: they run a model, take requests and return answers.

================  ======================================================================
`request`         requests and answers of every backend, and the key of a reply
`backends`        the table of backends, and `load`
`engine`          `Engine`: which backend an experiment uses, with what parameters
`guarded`         whatever a backend raises for one request is that request's error
`llama_cpp`       a backend: GGUF files, each in a process of its own
`openai_server`   a backend: models behind an OpenAI-compatible server
`replay`          a backend: recorded answers, replayed
================  ======================================================================

The parts of `openai_server` are in the room `server`; these are those of `llama_cpp`:

================  ======================================================================
`child`           a process for work that may crash, hang or fill the memory
`worker`          the process that holds a model, and what it is asked to do
`loaded`          a model in memory: what answers requests, in that process
`labels`          how labels are spelled, in process and behind servers
`plan`            from a request to the steps that answer it
`decoder`         evaluation of tokens, each shared part once
`weights`         a model file in memory
`vocabulary`      text to tokens and back
`library`         the library llama.cpp, loaded once
`named`           (a room) where a model's name leads
`device`          the device that evaluates a model, and the instructions it uses
`instructions`    whether llama.cpp was built for those of this processor
`gguf`            model files: check, fingerprint, quantise anew
`shards`          models in several files
`header`          the metadata of a model file, read without loading it
`supported`       the architectures that the installed llama.cpp knows
`unfit`           why a file holds nothing that can be asked
`template`        from a turn to the exact text that a model reads
`rendering`       the process that renders chat templates, within limits
`thinking`        how a template marks a thought, and is told not to open one
`thought`         the writing of a thought, until it is closed or its budget is used up
`drawing`         from the scores of tokens to probabilities, and to one token
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
    Thought,
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
    "Thought",
    "Turn",
    "Workload",
    "load",
    "request_key",
]
