"""docs/validation.md shows what the command prints today.

``python tests/test_validation_doc.py`` writes the tables again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.methods import best_rule
from fsinsure.cli import app
from fsinsure.output.labels import label, measure_name

AIM = 0.03
PAGE = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
BLOCK = re.compile(r"```text\n\$ fsinsure (.+)\n((?:.*\n)*?)```")


def with_tables(text: str) -> str:
    """Return the page with what its commands print today."""

    def printed(block: re.Match[str]) -> str:
        shown = CliRunner().invoke(app, block[1].split())
        assert shown.exit_code == 0, shown.stderr
        return f"```text\n$ fsinsure {block[1]}\n{shown.stdout.rstrip()}\n```"

    return BLOCK.sub(printed, text)


@pytest.mark.slow
def test_the_tables_are_what_the_commands_print() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(text)) >= 2
    assert with_tables(text) == text, "run: python tests/test_validation_doc.py"


def test_what_the_page_says_of_the_aim_is_what_the_errors_are() -> None:
    """Each of two measures: at most 3 %, and no worse than the best naive rule."""
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    tested = fs.backtest("baseline")
    table = tested.errors.pivot(index="measure", columns="method", values="mape")
    reached = 0
    for measure in ("pension.urban_employee", "unemployment"):
        sizes = table.loc[measure]
        rule = best_rule(sizes)
        name = measure_name(measure, "en").replace("employee pension", "pension")
        own, best = round(100 * sizes["projection"], 1), round(100 * sizes[rule], 1)
        bound = "within" if sizes["projection"] <= AIM else "above"
        (said,) = re.findall(
            rf"(?:The )?{name} is (within|above) 3 %,? and above its best rule by ([\d.]+) points "
            r"\(projection ([\d.]+) %; ([a-z ]+) ([\d.]+) %\)",
            text,
            re.IGNORECASE,
        )
        shown = label(f"method.{rule}", "en").lower()
        assert said == (bound, f"{own - best:.1f}", f"{own:.1f}", shown, f"{best:.1f}")
        assert sizes["projection"] > sizes[rule]
        reached += sizes["projection"] <= min(AIM, sizes[rule])
    assert reached == 0 and "Neither reaches it." in text
    own_rows = tested.table[(tested.table["method"] == "projection") & tested.table["judged"]]
    six = own_rows[own_rows["measure"].isin(["pension.urban_employee", "unemployment"])]
    assert len(six) == 6
    together = f"{100 * six['error'].abs().mean():.1f} %"
    assert f"The six figures together have {together}" in text


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
