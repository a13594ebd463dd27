"""The command ``fsinsure`` as ``python -m fsinsure``."""

from __future__ import annotations

from fsinsure.cli import main

if __name__ == "__main__":
    main()
