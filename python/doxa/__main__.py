"""Make ``python -m doxa`` the command line; Ctrl-C ends it from its first moment on."""

import os
import signal

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    if heard:
        # until the commands are there, nothing has begun
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from doxa.cli import main as run
    from doxa.cli.interrupt import watch

    if heard:
        watch()
    try:
        run()
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    main()
