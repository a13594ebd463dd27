"""Progress bars, on terminals and in notebooks."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from fsinsure.output.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tqdm.auto import tqdm


class Bar:
    """A progress bar with the rate and the remaining time.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.
    unit
        The label of what is counted.
    everywhere
        Whether it is shown in notebooks and files too; otherwise on terminals only.
    """

    def __init__(self, lang: str, unit: str = "micro.persons", *, everywhere: bool = False) -> None:
        self._unit = label(unit, lang)
        self._disable = False if everywhere else None  # None: unless it is a terminal
        self._bar: tqdm[NoReturn] | None = None

    def show(self, done: int, total: int) -> None:
        """Show how many are finished; the first call sets the start."""
        from tqdm.auto import tqdm

        if self._bar is None:
            self._bar = tqdm(
                initial=done,
                total=total,
                unit=self._unit,
                unit_scale=True,
                dynamic_ncols=True,
                disable=self._disable,
                file=sys.stderr,
            )
        else:
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


@contextmanager
def reported(
    progress: Callable[[int, int], None] | bool | None, unit: str
) -> Iterator[Callable[[int, int], None] | None]:
    """Return what is called with the number that is finished, and of all.

    Parameters
    ----------
    progress
        A function of the user; True for a bar; None or False for nothing.
    unit
        The label of what the bar counts.
    """
    if progress is True:
        with Bar("zh", unit, everywhere=True) as bar:
            yield bar.show
    else:
        yield progress or None
