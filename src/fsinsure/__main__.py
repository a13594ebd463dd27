"""Let ``python -m fsinsure`` be the command ``fsinsure``."""

from __future__ import annotations

from fsinsure.cli import main

if __name__ == "__main__":
    main()
