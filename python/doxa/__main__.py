"""Make ``python -m doxa`` the command line."""

from doxa.cli import main

if __name__ == "__main__":
    main()
