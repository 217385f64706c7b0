"""Run lm_eval once for each JSON list of its arguments.

Its model "served" is its local-completions with the chat template of the server, as its engines
that run a model themselves have it: 0.4.13 knows the template of a server only where it can load
the tokenizer too, which takes torch's family of packages. The tasks that it comes with are not
looked through: reading thousands of files takes longer than all else.
"""

import functools
import json
import sys

import lm_eval.tasks
from lm_eval.__main__ import cli_evaluate
from lm_eval.api.registry import register_model
from lm_eval.models.openai_completions import LocalCompletionsAPI


@register_model("served")
class Served(LocalCompletionsAPI):
    """Fills the template up to the reply, and goes on with what the reply is begun with."""

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        begun = "" if add_generation_prompt else chat_history[-1]["content"]
        turns = chat_history if add_generation_prompt else chat_history[:-1]
        return self.tokenizer.apply_chat_template(turns, add_generation_prompt=True) + begun


lm_eval.tasks.TaskManager = functools.partial(lm_eval.tasks.TaskManager, include_defaults=False)
for arguments in sys.argv[1:]:
    sys.argv = ["lm_eval", "run", *json.loads(arguments)]
    cli_evaluate()
