"""Write files whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fsinsure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_whole(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, each under a temporary name first.

    Parameters
    ----------
    folder
        Made if it is not there.
    contents
        Bytes by file name.

    Returns
    -------
    list of Path
        The files, in order.

    Raises
    ------
    InputError
        If the folder cannot be made or written; files that were there keep their old content.
    """
    temporary = {name: folder / f".{name}.part" for name in contents}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            temporary[name].write_bytes(data)
        for name, part in temporary.items():
            os.replace(part, folder / name)
    except OSError as error:
        for part in temporary.values():
            try:
                part.unlink(missing_ok=True)
            except OSError:
                break  # the folder itself is out of reach: nothing of ours is in it
        raise InputError(
            f"cannot write to {folder}: {error.strerror or error}. "
            "Choose another folder with --out, or free it."
        ) from error
    return [folder / name for name in contents]
