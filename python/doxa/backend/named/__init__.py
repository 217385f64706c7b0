"""Where a model's name leads: from what a user types to a file on this machine.

=============  ====================================================================
`locate`       `locate`: a path or a name → a file, and where it came from
`located`      `Located`: what `locate` returns
`hub`          (a room) names of models on the Hugging Face hub
`ollama`       names of Ollama's models, and its store
`lm_studio`    names of LM Studio's models, and its folder
`places`       where llama.cpp, GPT4All and doxa keep files; the working folder
`catalogue`    every model on this machine
`families`     what a chat template is called
`choice`       which of several files is meant: quantisations
`near`         names that are near one that is not there
=============  ====================================================================
"""

from doxa.backend.named.locate import is_name, locate
from doxa.backend.named.located import Located

__all__ = ["Located", "is_name", "locate"]
