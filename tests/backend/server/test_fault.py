from __future__ import annotations

from doxa.backend.server.fault import FaultError


def test_a_fault_concerns_one_reply_unless_it_says_otherwise() -> None:
    assert (FaultError("sent nothing").reach, str(FaultError("sent nothing"))) == (
        "reply",
        "sent nothing",
    )
    assert FaultError("is down", "all").reach == "all"
