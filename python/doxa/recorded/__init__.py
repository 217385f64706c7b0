"""Replies that are on disk: doxa's own runs, and what other programs recorded.

=============  ====================================================================
`recording`    `Recording`: what every reader returns
`run`          `read_run`: the folder of one of doxa's own runs
`reading`      `read_recording`: other files, recognised by their content
`exported`     replies that `doxa export` wrote
`study`        replies as the study of global opinion recorded them
`responses`    replies in a model's own words, read with doxa's own parser
`cells`        cells of popfidelity
`lm_eval`      sample logs of lm-evaluation-harness
`likelihoods`  from likelihoods of texts, one of which may begin another, to shares
`inspect_log`  logs of Inspect
`own_key`      rows of tasks that doxa wrote, in either program's logs
`own_answers`  what was answered to them, in the form of each log
`documents`    the item and condition that a question in a log states
`options`      the options that a question in a log showed: their labels and codes
`answers`      reading the text of a logged reply, by whatever options were shown
`entries`      what the readers share: countries, items, what is left out, the frame
`source`       the line or row of a record, as an editor shows it
`conditions`   one name for a way of asking, as published tables use it
=============  ====================================================================
"""

from doxa.recorded.conditions import with_condition
from doxa.recorded.reading import FORMATS, read_recording, read_statuses, read_table
from doxa.recorded.recording import UNKNOWN_EXAMPLES, Recording
from doxa.recorded.responses import count_statuses, read_responses
from doxa.recorded.run import is_run, known_store, read_run, store_path
from doxa.recorded.study import examples_of

__all__ = [
    "FORMATS",
    "UNKNOWN_EXAMPLES",
    "Recording",
    "count_statuses",
    "examples_of",
    "is_run",
    "known_store",
    "read_recording",
    "read_responses",
    "read_run",
    "read_statuses",
    "read_table",
    "store_path",
    "with_condition",
]
