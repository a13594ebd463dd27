"""What a folder of a region is refused for when it is read: names, dates and tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import DataError, InputError
from fsinsure.region.load import FILE
from region_files import EXAMPLE, copied, edit, row, spoiled, text, with_older_census

FIGURES, OUTCOMES, CENSUS = "figures.csv", "outcomes.csv", "census.csv"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("social_card,", "social_cards,", "'social_cards' is read. Did you mean 'social_card'?"),
        ("retirees.enterprise", "retiree.enterprise", "Did you mean 'retirees.enterprise'?"),
        ("retirees.enterprise", "retirees.enterprize", "no figure 'retirees.enterprize'. Did"),
        ("fund.balance,", "fund.balances,", "Did you mean 'fund.balance'?"),
        ("fund.balance,", "fund.balance.pensions,", "there is no figure 'fund.balance.pensions'."),
        ("target.injury", "target.injuri", "no figure 'target.injuri'. Did you mean 'target.inj"),
        ("enrollment.injury", "enrolment.injury", "Did you mean 'enrollment.injury'?"),
        ("population.resident,,", "population.residents,,", "Did you mean 'population.resident'?"),
        ("retirees.enterprise", "persons.not_insured", "there is no figure 'persons.not_insured'."),
    ],
)  # fmt: skip
def test_a_figure_that_nobody_reads_is_refused_if_its_name_is_nearly_one(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    line = [one.startswith(old) for one in text(FIGURES).splitlines()].index(True) + 1
    folder = spoiled(tmp_path, FIGURES, f"\n{old}", f"\n{new}")
    with pytest.raises(DataError) as caught:
        fs.open_region(folder)
    assert str(caught.value).startswith(f"town/{FIGURES}:{line}:value: ")
    assert said in str(caught.value)


def test_a_figure_of_another_name_stands_as_information(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, FIGURES, "\nsocial_card,", "\ncertified.pensioners,")
    assert fs.open_region(folder).amount("certified.pensioners") == 550_000


def test_a_series_of_nearly_the_name_of_one_that_is_read_is_refused(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, OUTCOMES, "population.resident,,2021", "population.residents,,2021")
    with pytest.raises(
        DataError, match=r"outcomes\.csv:8:value: no series 'population\.residents'"
    ):
        fs.open_region(folder)


def test_a_figure_of_the_opening_stock_by_area_only_is_refused(tmp_path: Path) -> None:
    one = row(FIGURES, "social_card")
    parts = "".join(
        one.replace("social_card,,55", f"social_card,{code},5") for code in EXAMPLE.codes
    )
    folder = spoiled(tmp_path, FIGURES, one, parts)
    with pytest.raises(DataError, match=r"social_card is read for the region as a whole"):
        fs.open_region(folder)


@pytest.mark.parametrize("date", ["about 2012", "2012-13-01", "2012/", "12", "2012-6"])
@pytest.mark.parametrize("file", [FIGURES, OUTCOMES])
def test_a_date_that_is_none_is_refused(tmp_path: Path, file: str, date: str) -> None:
    line = 2
    old = text(file).splitlines()[line - 1].split(",")
    new = [date if cell[:2] == "20" else cell for cell in old]
    assert new != old
    folder = spoiled(tmp_path, file, ",".join(old), ",".join(new))
    with pytest.raises(
        DataError, match=rf"^town/{file}:{line}:date: '{date}' is not a day, a month"
    ):
        fs.open_region(folder)


# Tables that may be empty, and tables of other columns.


def test_a_table_of_rows_without_a_header_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / OUTCOMES).write_text(text(OUTCOMES).splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"^town/{OUTCOMES}:1: no column series"):
        fs.open_region(folder)


def test_a_header_of_other_columns_is_refused_without_rows_too(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / OUTCOMES).write_text("series,year,value\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"^town/{OUTCOMES}:1: no column area, date, unit"):
        fs.open_region(folder)


@pytest.mark.parametrize("content", ["", "\n", text(OUTCOMES).splitlines()[0]])
def test_a_table_without_rows_may_be_empty(tmp_path: Path, content: str) -> None:
    folder = copied(tmp_path)
    (folder / OUTCOMES).write_text(content, encoding="utf-8")
    assert fs.open_region(folder).outcomes == ()


def demographic(name: str) -> str:
    from fsinsure.sources import data_folder

    return (data_folder() / "law" / "china" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("mortality.csv", "CL1", "CLX", ":1: no column CL1"),
        ("mortality.csv", "0.000867", "1.000867", ":2:CL1: 1.000867 is not between 0 and 1"),
        ("fertility.csv", "age_group,value", "a,b", ":1: no column age_group, value"),
        ("fertility.csv", "50-54", "50+", ":10:age_group: '50+' where a range from 50 on"),
        ("fertility.csv", "50-54", "45-49", ":10:age_group: '45-49' where a range from 50 on"),
        ("fertility.csv", "50-54", "50-104", ":10:age_group: '50-104' where a range"),
        ("fertility.csv", "births per 1000 women", "births per woman", ":2:unit: 'births per"),
    ],
)  # fmt: skip
def test_a_demographic_table_is_checked_when_a_region_is_read(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = copied(tmp_path)
    assert old in demographic(file)
    (folder / file).write_text(demographic(file).replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        fs.open_region(folder)
    assert str(caught.value).startswith(f"town/{file}{said}")


def test_a_demographic_table_of_the_region_is_that_of_the_nation_if_its_content_is(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path)
    for file in ("mortality.csv", "fertility.csv"):
        (folder / file).write_text(demographic(file), encoding="utf-8")
    for name, rows in fs.open_region(folder).tables.items():
        assert [one.cells for one in rows] == [one.cells for one in EXAMPLE.tables[name]]


def test_positions_in_a_law_name_its_folder_and_the_region(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, FILE, "law: china", "law: province")
    home = folder / "law" / "province"
    home.mkdir(parents=True)
    (home / "layer.yaml").write_text(
        "name: {zh: 省, en: Province}\nparent: china\n", encoding="utf-8"
    )
    header = "parameter,from,value,unit,source,confidence,note\n"
    (home / "values.csv").write_text(
        f"{header}pension.accrual,,1.1,fraction,a notice,official,\n", encoding="utf-8"
    )
    with pytest.raises(
        DataError, match=r"^town/law/province/values\.csv:2:value: 1\.1 is not betw"
    ):
        fs.open_region(folder)


# Censuses, and births between them.

BIRTHS = "births.resident,{area},{year},{value},{unit},births,invented,assumption,,,\n"


def births(*given: tuple[int, str, str], unit: str = "人") -> str:
    return "".join(
        BIRTHS.format(year=year, area=area, value=value, unit=unit) for year, area, value in given
    )


ENDS = births((2012, "", "6000"), (2022, "", "5000"))


def net(folder: Path) -> float:
    table = fs.net_migration(fs.open_region(folder))
    return float(table.query("level == 'total'")["net"].sum())


def test_the_year_of_a_census_and_an_older_census_are_checked_when_a_region_is_read(
    tmp_path: Path,
) -> None:
    folder = with_older_census(tmp_path, "")
    edit(folder, CENSUS, "\n2012,", "\ncensus10,", 999)
    with pytest.raises(DataError, match=rf"{CENSUS}:\d+:census: 'census10' is not the year of a"):
        fs.open_region(folder)
    other = with_older_census(tmp_path, "", "other")
    edit(other, CENSUS, "\n2012,north,male,0,", "\n2012,north,male,1,")
    with pytest.raises(DataError, match=rf"other/{CENSUS}:\d+:age_group: '1' where a group from 0"):
        fs.open_region(other)


def test_births_by_area_and_their_total_are_not_added(tmp_path: Path) -> None:
    parts = [
        (2022, code, value)
        for code, value in zip(EXAMPLE.codes, ("2400", "1900", "700"), strict=True)
    ]
    alone = net(with_older_census(tmp_path, births((2012, "", "6000"), *parts), "alone"))
    both = net(with_older_census(tmp_path, ENDS + births(*parts), "both"))
    assert both == alone
    off = with_older_census(tmp_path, ENDS.replace("5000", "5100") + births(*parts), "off")
    with pytest.raises(DataError, match=r"is 5,100, and its areas add up to 5,000"):
        net(off)
    some = with_older_census(tmp_path, ENDS + births(*parts[:2]), "some")
    with pytest.raises(DataError, match="by area but not for islands"):
        net(some)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (births((2012, "", "30"), (2022, "", "30"), unit="‰"), r"births\.resident is in '‰'"),
        (births((2012, "", "-3"), (2022, "", "30")), "is -3: people are not negative"),
        (ENDS.replace("2012", "2012/2015"), "give the births of a year"),
        (ENDS.replace("2012", "2016"), r"births from 2013 \(or earlier\) to 2022.*2016, 2022"),
        (ENDS.replace("2022", "2020"), r"births from 2013 \(or earlier\) to 2022.*2012, 2020"),
        ("", "needs births from 2013"),
    ],
)  # fmt: skip
def test_births_that_cannot_be_used_are_refused(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        net(with_older_census(tmp_path, given))


def test_births_of_the_first_and_the_last_year_are_enough(tmp_path: Path) -> None:
    first = net(
        with_older_census(tmp_path, births((2013, "", "5900"), (2022, "", "5000")), "first")
    )
    assert first == pytest.approx(net(with_older_census(tmp_path, ENDS, "ends")))


# Lists of sources.


@pytest.mark.parametrize("table", [(), ("--table", "assumptions"), ("--table", "outcomes")])
def test_the_sources_of_a_region_are_listed_whatever_else_lies_in_its_folder(
    tmp_path: Path, table: tuple[str, ...]
) -> None:
    folder = copied(tmp_path)
    (folder / OUTCOMES).write_text(text(OUTCOMES).splitlines()[0] + "\n", encoding="utf-8")
    (folder / "notes.csv").write_text("my notes, of no columns\n\n1\n", encoding="utf-8")
    ended = CliRunner().invoke(app, ["sources", "--region", str(folder), *table, "--lang", "en"])
    assert ended.exit_code == 0, ended.output + ended.stderr
    assert ("invented" in ended.output) == (table[1:] != ("outcomes",))


# What is missing says what to write.


@pytest.mark.parametrize("content", ["", "# nothing yet\n"])
def test_an_empty_region_yaml_says_which_keys_it_needs(tmp_path: Path, content: str) -> None:
    folder = copied(tmp_path)
    (folder / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"^town/region\.yaml:1:1: .*needs the keys name, ba"):
        fs.open_region(folder)


def test_a_missing_profile_is_missing_in_the_file_of_profiles(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    rows = [one for one in text("profiles.csv").splitlines() if not one.startswith("arrival,")]
    (folder / "profiles.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"^town/profiles\.csv: no value for profile\.arrival"):
        fs.open_region(folder)


def test_the_error_of_a_law_without_parent_names_those_there_are(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, FILE, "law: china", "law: province")
    home = folder / "law" / "province"
    home.mkdir(parents=True)
    (home / "layer.yaml").write_text("name: {zh: 省, en: Province}\n", encoding="utf-8")
    header = "parameter,from,value,unit,source,confidence,note\n"
    (home / "values.csv").write_text(
        f"{header}pension.accrual,,0.01,fraction,a notice,official,\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"The law province names no parent.*shipped: china"):
        fs.open_region(folder)


def test_the_error_of_a_law_that_does_not_exist_says_what_goes_into_its_folder(
    tmp_path: Path,
) -> None:
    folder = spoiled(tmp_path, FILE, "law: china", "law: zhejiang")
    with pytest.raises(InputError, match=r"in law/zhejiang/.*layer\.yaml .*values\.csv with the"):
        fs.open_region(folder)


def test_an_area_misspelt_in_a_scenario_is_answered_with_the_areas(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(
        "name: mine\nregion: example\ngrowth: {employee: {sout: 3%}}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"expected an area \(north, south, islands, default\)"):
        fs.load(scenario)
