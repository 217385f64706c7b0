"""Run `inspect` once for each JSON list of its arguments."""

import json
import sys

from inspect_ai._cli.main import inspect

for arguments in sys.argv[1:]:
    inspect(json.loads(arguments), standalone_mode=False)
