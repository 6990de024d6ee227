"""``python -m vcassay``: the command line."""

from vcassay.cli import main

if __name__ == "__main__":
    main()
