"""The commands about regions: region list, check, migration, new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fsinsure.errors import InputError, PoolError
from fsinsure.files import write_file
from fsinsure.input_cli import Language
from fsinsure.output.labels import label
from fsinsure.output.terminal.say import say

if TYPE_CHECKING:
    from fsinsure.region.region import Region

regions = typer.Typer(
    help=(
        "地区文件夹 · Regions: list those shipped, check one, estimate its migration, or write a "
        "folder for a new one."
    ),
    no_args_is_help=True,
)

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[REGION]", help="A folder, or a shipped region; the default region if left out."
    ),
]


def copies(region: Region, lang: str) -> str:
    """Return how much of a region is copied from others, and how to list it; else empty."""
    from fsinsure.output.terminal.region_check import copies as written

    here, folder = Path.cwd(), region.folder
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    return written(region.copied, shown.as_posix(), lang)


@regions.command(
    name="list",
    help="列出内置地区 · List the regions shipped with the library.",
    epilog="Example: fsinsure region list",
)
def list_regions(lang: Language = "zh") -> None:
    """Print name, title, base date, areas and law of each shipped region."""
    from fsinsure.output.terminal.region_check import listing
    from fsinsure.region.load import regions as shipped

    rows = [
        (
            name,
            region.title[lang],
            str(region.base_date),
            str(len(region.areas)),
            " < ".join(region.laws),
        )
        for name, region in shipped().items()
    ]
    say(listing(rows, lang))


@regions.command(
    help="检查地区文件夹 · Check a region: its files, its base year, and how plausible it is.",
    epilog="Example: fsinsure region check my-city",
)
def check(region: Name = None, lang: Language = "zh") -> None:
    """Report every problem of the files, close the base year and print what it rests on."""
    from fsinsure.analysis.check_region import check_region
    from fsinsure.output.terminal.region_check import region_check
    from fsinsure.region.load import find_region

    found = find_region(region)
    checked = check_region(found)
    title = {"name": found.name, "title": found.title[lang], "year": found.base_year}
    say(region_check(checked, title, copies(found, lang), lang))
    if not checked.plausible:
        raise typer.Exit(1)


@regions.command(
    help="推算两次普查之间的净迁移 · Estimate net migration between two censuses.",
    epilog="Example: fsinsure region migration --lang en",
)
def migration(
    region: Name = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the files.")] = None,
    lang: Language = "zh",
) -> None:
    """Write net migration by area, sex and age, and say which arrivals would keep it."""
    from fsinsure.analysis.net_migration import censuses, gross_migration, net_migration
    from fsinsure.encode import csv_bytes, png_bytes, provenance
    from fsinsure.files import write_run
    from fsinsure.output.figures.migration import migration as draw
    from fsinsure.region.load import find_region

    found = find_region(region)
    table = net_migration(found)
    picture = draw(table, found.names(lang), censuses(found), lang=lang, title=found.title[lang])
    contents = {"net-migration.csv": csv_bytes(table), "net-migration.png": png_bytes(picture)}
    folder = out or Path("out", f"{found.name}-migration")
    about = {**provenance(), "region": found.name, "region_hash": found.digest}
    for file in write_run(folder, contents, about):
        say(str(file))
    try:
        gross = gross_migration(found, table)
    except (InputError, PoolError) as error:
        say(label("region.no_arrivals", lang, reason=error))
    else:
        people = {name: f"{value:,.0f}" for name, value in gross._asdict().items()}
        say(label("region.arrivals", lang, year=found.first_year, **people))


@regions.command(
    help="新建带说明的地区文件夹 · Write a commented folder for a region of your own.",
    epilog="Example: fsinsure region new my-city --like example --areas east,west",
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.")],
    like: Annotated[
        str, typer.Option(help="The region whose assumptions and list of figures are copied.")
    ] = "",
    areas: Annotated[
        str, typer.Option(help="Codes of the areas, separated by commas; one is enough.")
    ] = "all",
    base_year: Annotated[
        int | None, typer.Option(help="The year at the end of which the projection starts.")
    ] = None,
) -> None:
    """Write a folder with blank figures and census, and assumptions copied from another region."""
    from fsinsure.region.load import find_region
    from fsinsure.region.scaffold import scaffold

    if folder.exists():
        raise InputError("{folder} exists: choose another folder.", folder=folder)
    if not folder.parent.is_dir():
        raise InputError(
            "there is no folder {parent}: make it first, or choose another.", parent=folder.parent
        )
    contents = scaffold(folder.name, find_region(like or None), areas.split(","), base_year)
    folder.mkdir()
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / name, text.encode("utf-8"))
        say(str(folder / name))
