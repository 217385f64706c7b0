"""Run it: ``python -m damaged`` in the folder of the tests."""

import sys

from damaged.run import main

if __name__ == "__main__":
    sys.exit(main())
