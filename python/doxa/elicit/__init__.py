"""Reading a distribution out of a model.

=============  ===================================================================
`elicitation`  `Elicitation`, and `ELICITATIONS`: all of them by name
`logprobs`     how likely each option's label is as the answer; calibrated, too
`verbalized`   the model says what share each option should have
`sampling`     the model answers as one respondent, again and again
`sequence`     the model answers as many people in one reply
`settings`     `ElicitationSettings`: the parameters of all of them
`parse`        from what a model wrote to shares, or to one choice
`reading`      `Reading`: a distribution, or a named failure
`turn`         from a rendered prompt to the turn that a backend is given
=============  ===================================================================
"""

from doxa.elicit.elicitation import ELICITATIONS, Elicitation
from doxa.elicit.reading import Reading, Status
from doxa.elicit.settings import ElicitationSettings

__all__ = ["ELICITATIONS", "Elicitation", "ElicitationSettings", "Reading", "Status"]
