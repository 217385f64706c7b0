"""What a server is and what it can do, as far as it says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from doxa.backend.template import ChatTemplate

__all__ = ["Capabilities", "Scoring"]

Scoring = Literal["forced", "prompt_logprobs", "echo", "top"]
"""How a server tells the probability of a label; all but ``"top"`` are exact.

``"forced"``: of any token that it is made to write next. ``"prompt_logprobs"`` and ``"echo"``: of
the tokens of a prompt. ``"top"``: of the likeliest first tokens of a chat reply.
"""

_HOW: Final = {
    "forced": "exact option probabilities",
    "prompt_logprobs": "exact option probabilities (prompt_logprobs)",
    "echo": "exact option probabilities (echo)",
    "top": "option probabilities from the likeliest first tokens, within bounds",
}
_SHARES: Final = {
    "forced": "shares held to whole numbers that add up to 100",
    "prompt_logprobs": "shares asked for by JSON schema",
    "echo": "shares asked for by JSON schema",
    "top": "shares asked for by JSON schema",
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server is and can do.

    Parameters
    ----------
    program : str
        The program, such as ``"llama-server"``; ``""`` if it does not say.
    version : str
        Its version; ``""`` if it does not say.
    scoring : {"forced", "prompt_logprobs", "echo", "top"}
        How it tells the probability of a label.
    template : ChatTemplate or None
        The chat template of its model, which doxa fills itself; None if only the server knows it.
    serves : str
        What it says of its model, to tell it from another one; ``""`` if it says no more than a
        name.
    tokenizes : bool
        Whether it turns text into tokens.
    """

    program: str
    version: str
    scoring: Scoring
    template: ChatTemplate | None = None
    serves: str = ""
    tokenizes: bool = False

    @property
    def identity(self) -> str:
        """What two servers of one model have in common: the model, its template, the scoring."""
        source = self.template.source if self.template is not None else ""
        template = hashlib.sha256(source.encode()).hexdigest()[:12] if source else "none"
        return f"{self.program or 'server'} ({self.scoring}): {self.serves}, template {template}"

    @property
    def line(self) -> str:
        """What it is and how it is asked, in one line.

        Examples
        --------
        >>> Capabilities("vLLM", "0.12.0", "prompt_logprobs").line
        'vLLM 0.12.0: exact option probabilities (prompt_logprobs), shares asked for by JSON schema'
        """
        what = " ".join(filter(None, (self.program or "a chat end point", self.version)))
        base = ""
        if self.template is not None and not self.template.source:
            base = ", a base model without a chat template"
        return f"{what}: {_HOW[self.scoring]}, {_SHARES[self.scoring]}{base}"
