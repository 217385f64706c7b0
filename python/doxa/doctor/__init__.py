"""What is installed, what this machine gives, what is broken or slow, and what to do about it.

=============  ====================================================================
`libraries`    the libraries that doxa uses: which are here, in which versions
`graphics`     GPUs, and what a build of llama.cpp for one needs
`examination`  `examine`: all that is known of this installation
`judgement`    `judge`: from what is known to what is broken, slow or missing
=============  ====================================================================
"""

from doxa.doctor.examination import Core, Examination, Llama, examine
from doxa.doctor.judgement import Finding, judge

__all__ = ["Core", "Examination", "Finding", "Llama", "examine", "judge"]
