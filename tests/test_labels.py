"""Labels are complete in both languages, and the font has their characters."""

from __future__ import annotations

import re
import warnings
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

import fsinsure as fs
import fsinsure.output
from fsinsure.columns import columns
from fsinsure.dims import SEXES
from fsinsure.errors import FsinsureWarning, InputError
from fsinsure.measures import groups, measures
from fsinsure.messages import chinese
from fsinsure.output.figures.fonts import characters, printable
from fsinsure.output.labels import LANGUAGES, label, labels
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS, ITEMS, STATUSES

ONLY_IN_FLOWS = ("born", "arrived", "dead", "departed")
OTHER_MEASURES = ("social_card", "new_urban_employment", "registered_unemployment_rate")
JOINED = ("employee", "flexible", "civil_service", "resident", "dormant", "unemployed")
CHANNELS = (
    *(f"{kind}.{status}" for kind in ("entry", "return") for status in (*JOINED, "injury_only")),
    *("pensioners", "separations", "switches", "retirements", "departures", "withdrawals"),
    *("ageing", "deaths"),
)
LEVELS = ("ok", "watch", "warning", "alarm", "exhausted", "met", "missed")
INDICATORS = (
    *("support_ratio", "cost_rate", "replacement_rate", "average_pension", "months_of_reserve"),
    *("depletion_year", "implicit_debt", "actuarial_balance", "relief_cost", "people_kept"),
    *("new_urban_employment", "cumulative_new_urban_employment"),
    *("registered_unemployment_rate", "social_card_holders"),
)
NEEDED = [
    *(f"status.{name}" for name in (*STATUSES, *ONLY_IN_FLOWS)),
    *(f"sex.{name}" for name in SEXES),
    *(f"{kind}.{name}" for kind in ("measure", "short") for name in (*measures(), *OTHER_MEASURES)),
    *(f"channel.{name}" for name in CHANNELS),
    *(f"measure.{name}" for name in FUNDS),
    *{f"item.{name}": None for items in ITEMS.values() for name in items},
    *("item.opening", "item.closing"),
    *{f"kind.{name}": None for items in ITEMS.values() for name in items.values()},
    *(f"level.{name}" for name in LEVELS),
    *(f"indicator.{name}" for name in INDICATORS),
    *("kind.opening", "kind.closing", "kind.fund", "kind.measure"),
    *(f"channel.coverage.{name}" for name in groups()),
    *(f"relief.{name}" for name in ("waived", "relief_refund", "deferred", "repaid")),
    *(f"relief_sum.{name}" for name in ("waived", "relief_refund", "deferred")),
    *(f"column.{name}" for name, special in columns() if not special and "*" not in name),
]


@pytest.mark.parametrize("key", NEEDED)
def test_every_word_of_the_tables_has_a_label(key: str) -> None:
    chinese, english = (label(key, lang) for lang in LANGUAGES)
    assert chinese.isascii() is False
    assert english.isascii() or "−" in english


def test_words_of_a_kind_differ() -> None:
    kinds = (
        *("status", "measure", "short", "channel", "column", "item", "kind"),
        *("indicator", "level"),
    )
    for kind in kinds:
        for lang in LANGUAGES:
            words = [text[lang] for key, text in labels().items() if key.startswith(f"{kind}.")]
            assert words and len(set(words)) == len(words), (kind, lang)


def test_both_languages_have_the_same_places() -> None:
    for key, text in labels().items():
        places = [{name for _, name, *_ in Formatter().parse(words)} for words in text.values()]
        assert places[0] - {None} == places[1] - {None}, key


def test_the_font_has_every_character() -> None:
    drawn = "".join(text for both in labels().values() for text in both.values())
    assert not set(drawn) - characters()


def test_the_font_has_the_hanzi_of_gb2312() -> None:
    rows = [bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)]
    hanzi = "".join(code.decode("gb2312", errors="ignore") for code in rows)
    assert len(hanzi) == 6763  # the number the standard gives
    assert not set(hanzi) - characters()


TOWNS = (
    "石湾镇 祖庙 张槎 南庄 桂城 里水 狮山 大沥 丹灶 西樵 九江 大良 容桂 伦教 勒流 陈村 北滘 "
    "乐从 龙江 杏坛 均安 荷城 杨和 明城 更合 西南 云东海 白坭 乐平 芦苞 大塘 南山"
)
"""The towns and subdistricts of Foshan."""
VILLAGES = "大塱 叠滘 漖表 平洲东埗 氹边 㘵心 三垯 龙埇 横窖 南圫 澫口 新墪 水冚"


def test_the_font_has_the_names_of_foshan_and_of_every_region() -> None:
    names = [TOWNS, VILLAGES]
    for region in fs.regions().values():
        names += [*region.names("zh").values(), *region.names("en").values()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in names:
            assert printable(name) == name


def test_a_character_that_the_font_lacks_is_marked_and_named() -> None:
    with pytest.warns(FsinsureWarning, match=r"lacks 𠮷🐉 \(U\+20BB7, U\+1F409\), drawn as 〓"):
        assert printable("𠮷家 🐉\n𠮷") == "〓家 〓 〓"


def test_each_caption_is_used_and_each_used_caption_exists() -> None:
    folder = Path(str(files(fsinsure.output)))
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    captions = {key for key in labels() if key.startswith("figure.")}
    written = set(re.findall(r'"(figure\.[a-z_]+)"', code))
    assert written <= captions
    loop = {"figure.projected", "figure.required", "figure.gap"}
    assert captions - written == loop


def test_the_file_is_a_plain_table() -> None:
    path = files(fsinsure.output) / "labels.csv"
    with path.open(encoding="utf-8") as handle:
        table = pd.read_csv(handle)
    assert list(table.columns) == ["key", *LANGUAGES]
    assert not table.isna().any().any()
    assert table["key"].is_unique


def test_an_unknown_key_says_which_was_meant() -> None:
    with pytest.raises(InputError, match=r"No label for 'status.employe'.*'status.employee'"):
        label("status.employe")


def test_an_unknown_language_says_which_there_are() -> None:
    with pytest.raises(InputError, match=r"'zh' or 'en'.*Did you mean 'en'"):
        label("status.employee", "eng")


def test_a_space_stands_between_hanzi_and_numbers_or_letters() -> None:
    texts = {key: one["zh"] for key, one in labels().items()}
    texts |= {name: one.zh for name, one in registry().items()}
    texts |= {english: zh.replace("'520万'", "") for english, zh in chinese().items()}
    close = re.compile("[一-鿿](?:[0-9A-Za-z=]|--[a-z]|[.][a-z/])|[0-9A-Za-z%=][一-鿿]")
    assert not {key: text for key, text in texts.items() if close.search(text)}
