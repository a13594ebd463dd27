"""More areas than 16 bits can number the cells of: the code of a cell grows to 32 bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fsinsure as fs
from fsinsure.base_year.census import residents
from fsinsure.microsim.compiled import dispatch
from fsinsure.state import births, cell_dtype, cell_of, cells
from fsinsure.statuses import STATUSES

SCRIPT = Path(__file__).with_name("many_areas.py")


def test_the_foshan_areas_have_cells_of_16_bits() -> None:
    for horizon in (2021, 2025, 2100):
        assert cell_dtype(births(horizon)) is np.uint16
        assert cell_of(np.array(0), np.array(0), np.array(1), births(horizon)).dtype == np.uint16


@pytest.mark.parametrize("places", [1, 36, 60, 62, 600])
@pytest.mark.parametrize("horizon", [2021, 2025, 2100])
def test_the_type_of_a_cell_holds_every_code(
    places: int, horizon: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsinsure.state.PLACES", places)
    count = births(horizon)
    kind = np.iinfo(cell_dtype(count))
    assert cells(count) - 1 <= kind.max
    assert (kind.bits == 16) == (len(STATUSES) * places * count < 2**16)
    last = cell_of(np.array(9), np.array(places - 1), np.array(count - 1), count)
    assert last == cells(count) - 2


@pytest.mark.parametrize(
    ("areas", "horizon", "kind"),
    [(30, 2025, "uint16"), (31, 2025, "uint32"), (300, 2021, "uint32")],
)
def test_persons_of_many_areas(
    areas: int, horizon: int, kind: str, tmp_path: Path, baseline: fs.Scenario
) -> None:
    """Persons are in their cells, files hold them, both engines agree, the city is the same."""
    pytest.importorskip("pyarrow")
    np.save(tmp_path / "residents.npy", residents())
    engines = "numpy,compiled" if areas == 31 and dispatch.available() else "numpy"
    command = [sys.executable, str(SCRIPT), str(areas), str(horizon), engines, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.split() == [kind]
    city = fs.run(baseline.with_({"horizon": horizon})).enrollment.query("area == 'city'")
    assert pd.read_csv(tmp_path / "city.csv")["persons"].to_numpy() == pytest.approx(
        city["persons"].to_numpy(), rel=1e-9
    )
