"""Write files whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = "run.json"
"""The file that tells which run a folder holds, and lists its files."""


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


def write_run(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a run, and remove those of an earlier run that it does not write.

    Parameters
    ----------
    folder
        Made if it is not there. Only what the ``run.json`` in it lists is ever removed.
    contents
        Bytes by file name, ``run.json`` among them.

    Raises
    ------
    InputError
        As :func:`write_whole`.
    """
    earlier = _listed(folder / MANIFEST)
    written = write_whole(folder, contents)
    for name in earlier - contents.keys():
        (folder / name).unlink(missing_ok=True)
    return written


def _listed(manifest: Path) -> set[str]:
    """Return the plain file names that an earlier run says it wrote."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8")).get("files", [])
    except (OSError, ValueError, AttributeError):
        return set()  # no run was written here, or its list is not ours to act on
    names = {name for name in found if isinstance(name, str)}
    return {name for name in names if name.endswith((".csv", ".png")) and Path(name).name == name}
