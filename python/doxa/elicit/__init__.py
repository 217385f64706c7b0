"""Reading a distribution out of a model.

=============  ===================================================================
`elicitation`  `Elicitation`, and the table `ELICITATIONS` of all of them
`logprobs`     probabilities of the options' labels as the answer; calibrated, too
`bounds`       shares within bounds, where a server lists only its likeliest tokens
`verbalized`   the model writes the share of each option
`sampling`     the model answers as one respondent, many times
`sequence`     the model answers as many people in one reply
`settings`     `ElicitationSettings`: the parameters of all of them
`parse`        from a reply to shares, or to one choice
`reading`      `Reading`: a distribution, or the kind of failure
`outcome`      from whatever a backend answered to a reading: the one place
`turn`         from a rendered prompt to the turn that a backend gets
=============  ===================================================================
"""

from doxa.elicit.elicitation import ELICITATIONS, Elicitation
from doxa.elicit.reading import Reading, Status
from doxa.elicit.settings import ElicitationSettings

__all__ = ["ELICITATIONS", "Elicitation", "ElicitationSettings", "Reading", "Status"]
