"""Reductions whose bytes are promised do not depend on the kernel that BLAS chooses."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import fsinsure as fs

CHILD = """
import hashlib, pickle, sys
import numpy as np
from fsinsure.analysis import channels, solvency
from fsinsure.numeric.fill import fill_scale
with open(sys.argv[1], "rb") as file:
    projection = pickle.load(file)
rng = np.random.default_rng(1)
capacity, weight = rng.uniform(0, 1e5, (50, 1010)), rng.uniform(0, 1, 1010)
fill = fill_scale(capacity.sum(axis=-1) / 3, capacity, weight)
value = solvency.present_value(rng.uniform(0, 1e10, 80), rng.uniform(0, 0.05, 80))
table = channels.table(projection, "x")["persons"].to_numpy()
for found in (fill, value, table):
    print(hashlib.sha256(np.asarray(found).tobytes()).hexdigest())
print(hashlib.sha256(np.vecdot(capacity, weight).tobytes()).hexdigest(), file=sys.stderr)
"""


@pytest.mark.slow
def test_another_blas_kernel_gives_the_same_bytes(result: fs.Result, tmp_path: Path) -> None:
    path = tmp_path / "projection"
    path.write_bytes(pickle.dumps(result.projection))
    done = [
        subprocess.run(
            [sys.executable, "-c", CHILD, str(path)],
            env={**os.environ, "OPENBLAS_CORETYPE": kernel},
            capture_output=True,
            text=True,
            check=True,
        )
        for kernel in ("Prescott", "Haswell")
    ]
    if done[0].stderr == done[1].stderr:
        pytest.skip("this numpy has no OpenBLAS whose kernel can be chosen")
    assert done[0].stdout == done[1].stdout
