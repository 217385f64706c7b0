"""The questionnaire as tasks of lm-evaluation-harness and Inspect.

`doxa.recorded` reads their logs back.

==========  ====================================================================
`key`       `Key`: the object that each row carries, so that its log is read without loss
`rows`      the rows that another program asks
`folder`    `write_tasks`: the folder with the rows, and tasks of each program
`carried/`  what the folder carries as it is: a loader for one program, the head of a file for
            the other
==========  ====================================================================
"""

from doxa.harness.folder import write_tasks
from doxa.harness.rows import limits

__all__ = ["limits", "write_tasks"]
