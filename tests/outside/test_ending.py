from __future__ import annotations

import pytest

from doxa.outside.ending import do_what_is_due, due_at_the_end


def test_what_is_due_is_done_once_when_its_block_ends() -> None:
    done: list[str] = []
    with due_at_the_end(lambda: done.append("outer")):
        with pytest.raises(KeyError), due_at_the_end(lambda: done.append("inner")):
            raise KeyError
        assert done == ["inner"]
    do_what_is_due()
    assert done == ["inner", "outer"]


def test_a_program_that_ends_without_unwinding_does_all_that_is_due_the_newest_first() -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("fails")
        raise KeyError

    with (
        due_at_the_end(lambda: done.append("outer")),
        pytest.raises(KeyError),
        due_at_the_end(fails),
    ):
        do_what_is_due()
    assert done == ["fails", "outer", "fails", "outer"]
