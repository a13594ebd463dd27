"""The HTML page of a result: its numbers are those of the tables, its texts are inert."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.cli import app
from fsinsure.errors import InputError
from fsinsure.output.figures.fonts import characters
from fsinsure.output.labels import labels
from fsinsure.report.markup import data, tag
from fsinsure.report_cli import answers
from report_page import Node, half_digit, number, read

LARGEST = 8_000_000
"""Bytes of a page."""
MOVED = ["labour.separation", "wage.mean", "fund.share_injury", "growth.civil_service"]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&'\"<!--"


@pytest.fixture(scope="module")
def low() -> fs.Result:
    return fs.run("low-growth")


@pytest.fixture(scope="module")
def sure():
    return fs.ensemble("low-growth", 32)


@pytest.fixture(scope="module")
def asked(sure, result) -> dict[str, object]:
    """Everything that a page may have."""
    return {
        "ensemble": sure,
        "sensitivity": fs.sensitivity("low-growth", parameters=MOVED),
        "answers": [fs.solve("low-growth", "pension.enterprise")],
        "compare": [result],
    }


@pytest.fixture(scope="module")
def files(low, asked, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    return {lang: low.report(folder / f"{lang}.html", lang=lang, **asked) for lang in ("zh", "en")}


@pytest.fixture(scope="module")
def pages(files) -> dict[str, Node]:
    return {lang: read(file.read_text(encoding="utf-8")) for lang, file in files.items()}


def test_targets_of_the_page_are_those_of_the_table(pages, low) -> None:
    rows = pages["zh"].table("目标完成情况（万人）")
    assert len(rows) == len(low.targets) == 3
    for row, known in zip(rows, low.targets.to_dict("records"), strict=True):
        assert row["预测人数"] == f"{known['projected'] / 1e4:,.2f}"
        assert float(row["基年人数"]) == known["base"] / 1e4
        assert float(row["目标人数"]) == known["target"] / 1e4
        gap = row["差额（预测－目标）"]
        assert abs(number(gap) - (known["projected"] - known["target"]) / 1e4) < half_digit(gap)
        growth = (known["target"] / known["base"]) ** 0.2 - 1
        assert row["所需年均增速（自基年）"] == f"{100 * growth:.2f}%"


def test_cards_say_whether_each_target_is_met(pages, low) -> None:
    for lang, words in (("zh", ("未达到", "达到")), ("en", ("missed", "met"))):
        cards = pages[lang].all("article")
        assert len(cards) == 3
        for card, known in zip(cards, low.targets.to_dict("records"), strict=True):
            verdict, *_ = (
                one.text
                for one in card.all("p")
                if "verdict" in one.attributes.get("class", "").split()
            )
            assert verdict == words[known["projected"] >= known["target"]]


def test_people_by_year_are_those_of_the_table(pages, low) -> None:
    rows = pages["en"].table("Enrollment (million persons)")
    table = low.enrollment
    whole = table[table["level"] == "total"].set_index(["measure", "year"])["persons"]
    named = {labels()[f"short.{name}"]["en"]: name for name in table["measure"].unique()}
    assert len(rows) == len(named)
    for row in rows:
        measure = named[row["Measure"]]
        for year in range(2020, 2026):
            assert row[str(year)] == f"{whole[measure, year] / 1e6:.3f}"


def test_areas_add_up_to_the_region(pages) -> None:
    *areas, region = pages["zh"].by_id("tables").table("工伤保险（万人）")
    assert [row["区域"] for row in areas] == ["禅城区", "南海区", "顺德区", "高明区", "三水区"]
    for year in ("2020", "2025"):
        total = sum(number(row[year]) for row in areas)
        assert abs(total - number(region[year])) <= 0.05 * 6 + 1e-9


def test_channels_add_up_to_the_increment(pages, low) -> None:
    for measure, name in (("pension.enterprise", "企业职工养老保险"), ("injury", "工伤保险")):
        first, *parts, last = pages["zh"].by_id("channels").table(f"{name}（万人）")
        ends = [number(row["人数"]) for row in (first, last)]
        moved = sum(number(row["人数"]) for row in parts)
        assert abs(ends[0] + moved - ends[1]) <= 0.005 * (len(parts) + 2)
        table = low.enrollment
        own = table[(table["level"] == "total") & (table["measure"] == measure)]
        people = own.set_index("year")["persons"]
        assert abs(ends[1] - people[2025] / 1e4) < 0.005 + 1e-9


def test_gross_entries_less_departures_are_the_change_of_each_status(pages, low) -> None:
    rows = pages["zh"].table("各参保身份的进入与离开（2021–2025 年合计）")
    stocks = low.stocks
    whole = stocks[stocks["level"] == "total"].groupby(["status", "year"])["persons"].sum()
    named = {labels()[f"status.{name}"]["zh"]: name for name in stocks["status"].unique()}
    assert len(rows) == len(named) - 1
    for row in rows:
        change = whole[named[row["参保状态"]]]
        net = row["净变动"]
        assert abs(number(net) - (change[2025] - change[2020]) / 1e4) < half_digit(net) + 1e-6
        assert number(row["进入"]) >= 0 >= number(row["离开"])


def test_funds_are_those_of_the_ledger(pages, low) -> None:
    books = low.ledger
    own = books[(books["level"] == "total") & (books["fund"] == "injury")]
    closing = own[own["kind"] == "closing"].set_index("year")["yuan"]
    income = own[own["kind"] == "income"].groupby("year")["yuan"].sum()
    outgo = own[own["kind"] == "outgo"].groupby("year")["yuan"].sum()
    rows = pages["zh"].by_id("funds").table("工伤保险（亿元）")
    assert [row["年份"] for row in rows] == [str(year) for year in range(2020, 2026)]
    for row in rows:
        year = int(row["年份"])
        balance = row["年末累计结余"]
        assert abs(number(balance) - closing[year] / 1e8) < half_digit(balance)
        if year > 2020:
            for key, amounts in (("收入合计", income), ("支出合计", outgo)):
                assert abs(number(row[key]) - amounts[year] / 1e8) < half_digit(row[key])
            surplus = (income[year] - outgo[year]) / 1e8
            assert abs(number(row["当年结余"]) - surplus) < half_digit(row["当年结余"])


def test_probabilities_are_shares_of_the_draws(pages, sure) -> None:
    rows = pages["en"].by_id("certainty").table("Range of 80% of the draws")
    year = int((sure.years == 2025).argmax())
    assert [row["Probability"] for row in rows[:2]] == ["none", "all"]
    known = sure.targets.set_index("measure")
    (people,) = (rows[2],)
    share = known["probability"]["injury"]
    assert abs(number(people["Probability"]) / 100 - share) < 0.005 + 1e-9
    for name, column in (("p10", "10th percentile"), ("p50", "Median"), ("p90", "90th percentile")):
        assert people[column] == f"{known[name]['injury'] / 1e6:.3f}"
    assert rows[3]["Probability"] == "none of 32 draws"
    assert year == 5


def test_the_answer_of_a_solve_reaches_the_target(pages, asked) -> None:
    (row,) = pages["zh"].by_id("change").table("达到目标所需的调整")
    assert row["调整后结果"] == "470.00 万人"
    path = asked["answers"][0].path
    assert row["调整后"] == f"{100 * path['after'].iloc[0]:.2f}%"
    assert "growth.flexible" in row["参数"]


def test_assumptions_are_in_the_order_of_what_they_move(pages, asked) -> None:
    rows = pages["zh"].by_id("assumptions").table("假设")
    shares = asked["sensitivity"].tornado.groupby("parameter")["share"].max()
    expected = shares.sort_values(ascending=False).index.tolist()
    assert [row["参数名"] for row in rows] == expected
    assert {row["参数名"] for row in rows} == set(MOVED)


def test_conflicts_of_published_figures_are_listed(pages, low) -> None:
    rows = pages["zh"].table("相互矛盾的公布数与取舍")
    assert [row["编号"] for row in rows] == [one.id for one in low.scenario.region.conflicts]


def test_scenarios_are_compared_with_the_first(pages, low, result) -> None:
    rows = pages["en"].table("Projected and gap (million persons)")
    for row, one, other in zip(
        rows, low.targets.itertuples(), result.targets.itertuples(), strict=True
    ):
        assert number(row["Low growth"]) == round(one.projected / 1e6, 3)
        assert number(row["Baseline"]) == round(other.projected / 1e6, 3)
    funds = pages["en"].table("Balance of the funds and difference")
    text = funds[0]["Baseline"]
    ends = [
        one.ledger.query("fund == 'pension.enterprise' and item == 'closing' and year == 2025")
        for one in (low, result)
    ]
    change = float(ends[1]["yuan"].iloc[0] - ends[0]["yuan"].iloc[0]) / 1e9
    within = text.partition("(")[2]
    assert abs(number(within) - change) < half_digit(within)


def test_charts_show_the_numbers_of_the_tables(pages, low) -> None:
    first = pages["zh"].charts()[0]
    lines = {trace["name"]: trace for trace in first["data"]}
    own = lines["低增长情景"]
    table = low.enrollment
    rows = table[(table["level"] == "total") & (table["measure"] == "pension.enterprise")]
    people = rows.sort_values("year")["persons"].tolist()
    assert own["x"] == list(range(2020, 2026))
    assert own["y"] == pytest.approx([one / 1e4 for one in people], abs=1e-9)
    assert lines["目标"]["y"] == [470.0]
    assert lines["达标所需路径"]["y"][-1] == pytest.approx(470.0)
    assert own["meta"] == {"scenario": 0}
    assert lines["基准情景"]["meta"] == {"scenario": 1}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_needs_nothing_else(files, pages, lang) -> None:
    page = pages[lang]
    assert files[lang].stat().st_size < LARGEST
    names = {one.name for one in page.elements}
    assert not names & {"link", "img", "iframe", "object", "embed", "form", "base", "video"}
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in page.elements:
        assert "src" not in one.attributes
        assert not [name for name in one.attributes if name.startswith("on")]
        if "href" in one.attributes:
            assert one.attributes["href"].removeprefix("#") in ids
    styles = "".join(one.content for one in page.all("style"))
    assert re.findall(r"url\((?!data:font/woff;base64,)", styles) == []
    assert "@import" not in styles


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_can_be_read_by_everybody(pages, lang) -> None:
    page = pages[lang]
    assert page.all("html")[0].attributes["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert page.all("title")[0].text.strip()
    levels = [int(one.name[1]) for one in page.elements if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    figures = page.all("figure")
    assert len(figures) == len(page.charts()) > 10
    for figure in figures:
        (plot,) = (one for one in figure.all("div") if one.attributes.get("role") == "img")
        (sentence,) = (one.text for one in figure.all("figcaption")[0].all("p"))
        assert sentence in plot.attributes["aria-label"]
        assert figure.all("details")[0].all("td")
    assert page.all("a")[0].attributes["href"] == "#main"
    for one in page.all("table"):
        assert one.all("caption")[0].text.strip()
        assert {head.attributes["scope"] for head in one.all("th")} == {"col", "row"}
    for one in page.all("section"):
        assert page.by_id(one.attributes["aria-labelledby"]).text.strip()


def test_texts_stand_out_from_the_page(pages) -> None:
    style = pages["zh"].all("style")[0].content
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", style))
    cards = re.findall(r"color:(#[0-9A-Fa-f]{6})", " ".join(
        one.attributes.get("style", "") for one in pages["zh"].all("p")
    ))  # fmt: skip
    for name in ("ink", "grey", "accent", "met", "missed"):
        assert contrast(colours[name]) >= 4.5, name
    assert cards
    assert all(contrast(one) >= 4.5 for one in cards)


def contrast(colour: str) -> float:
    """Return the contrast with white, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_font_has_every_character_of_the_page(files, lang) -> None:
    text = files[lang].read_text(encoding="utf-8")
    found = re.search(r"base64,([0-9A-Za-z+/=]+)\)", text)
    assert found is not None
    cut = set(map(chr, TTFont(io.BytesIO(base64.b64decode(found[1]))).getBestCmap()))
    shown = set(read(text).text) | set("".join(json.dumps(one, ensure_ascii=False)
                                               for one in read(text).charts()))  # fmt: skip
    printed = {char for char in shown if char.isprintable()}
    assert printed & characters() <= cut
    hanzi = {char for char in printed if "\u4e00" <= char <= "\u9fff"}
    assert hanzi <= cut
    assert len(hanzi) > (300 if lang == "zh" else 50)


def test_only_its_own_scripts_may_run(pages) -> None:
    page = pages["zh"]
    (policy,) = (
        one.attributes["content"]
        for one in page.all("meta")
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    running = [one for one in page.all("script") if "type" not in one.attributes]
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.content.encode()).digest()).decode()}'"
        for one in running
    }
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert len(running) == 2
    assert set(parts["script-src"].split()) == hashes
    assert parts["default-src"] == "'none'"


def test_titles_are_inert(tmp_path) -> None:
    scenario = fs.load("low-growth").with_({"growth.flexible": "1%"}, name="evil")
    object.__setattr__(scenario, "title", {"zh": EVIL, "en": EVIL})
    other = fs.run("baseline")
    text = fs.run(scenario).report(tmp_path / "evil.html", compare=[other]).read_text("utf-8")
    page, plain = read(text), read(other.report(tmp_path / "plain.html").read_text("utf-8"))
    assert EVIL in page.all("h1")[0].text
    assert not page.all("img")
    assert len([one for one in page.all("script") if "type" not in one.attributes]) == len(
        [one for one in plain.all("script") if "type" not in one.attributes]
    )
    names = [trace.get("name", "") for chart in page.charts() for trace in chart["data"]]
    assert any("&lt;script&gt;" in name for name in names)
    assert not any("<" in name for name in names)


def test_attributes_and_data_are_escaped() -> None:
    assert tag("p", EVIL, title=EVIL) == (
        '<p title="&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x '
        'onerror=alert(2)&gt;&amp;&#x27;&quot;&lt;!--">&lt;/script&gt;&lt;script&gt;alert(1)&lt;'
        "/script&gt;&lt;img src=x onerror=alert(2)&gt;&amp;&#x27;&quot;&lt;!--</p>"
    )
    inert = data({EVIL: EVIL + "\u2028"})
    assert not set("<>&\u2028") & set(inert)
    assert json.loads(inert) == {EVIL: EVIL + "\u2028"}


def test_the_same_result_gives_the_same_bytes(low, asked, files, tmp_path) -> None:
    again = low.report(tmp_path / "again.html", **asked)
    assert again.read_bytes() == files["zh"].read_bytes()
    rerun = fs.run("low-growth").report(tmp_path / "rerun.html", **asked)
    assert rerun.read_bytes() == files["zh"].read_bytes()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("未作概率预测", "未作敏感性分析")), ("en", ("No draws were made", "No sensitivity"))],
)
def test_a_page_says_what_was_not_asked(low, tmp_path, lang, words) -> None:
    page = read(low.report(tmp_path / "bare.html", lang=lang).read_text("utf-8"))
    for name, text in zip(("certainty", "change"), words, strict=True):
        assert text in page.by_id(name).text
        assert text in page.by_id("summary").text
    assert not [one for one in page.elements if one.attributes.get("id") == "toggles"]
    rows = page.by_id("assumptions").all("tr")
    assert len(rows) > 100


def test_a_scenario_without_targets_has_a_page(tmp_path) -> None:
    scenario = fs.load("low-growth").with_({"targets": []}, name="no-targets")
    page = read(fs.run(scenario).report(tmp_path / "none.html", lang="en").read_text("utf-8"))
    assert "No target is set" in page.by_id("targets").text
    assert len(page.by_id("channels").all("figure")) == 8


def test_a_target_beyond_the_horizon_is_not_judged(tmp_path) -> None:
    with pytest.warns(fs.errors.TargetWarning):
        result = fs.run(fs.load("low-growth").with_({"horizon": 2023}))
    page = read(result.report(tmp_path / "early.html", lang="en").read_text("utf-8"))
    rows = page.table("Targets (million persons)")
    assert {row["Projected"] for row in rows} == {"–"}
    assert "Every target lies beyond the projection" in page.by_id("summary").text


def test_simulated_persons_are_named(tmp_path) -> None:
    result = fs.run("example", engine="micro", persons=2_000, seed=7)
    page = read(result.report(tmp_path / "persons.html", lang="en").read_text("utf-8"))
    assert "2,000 persons simulated one by one (seed 7)" in page.all("header")[0].text


def test_what_is_given_must_be_of_the_same_scenario(low, sure, result, tmp_path) -> None:
    file = tmp_path / "page.html"
    with pytest.raises(InputError, match="ensemble is of the scenario low-growth"):
        result.report(file, ensemble=sure)
    with pytest.raises(InputError, match="answers is of the scenario baseline"):
        low.report(file, answers=[fs.solve("baseline", "injury")])
    with pytest.raises(InputError, match=r"compare takes results, not str: fsinsure.run"):
        low.report(file, compare=["baseline"])
    with pytest.raises(InputError, match="two results are named low-growth"):
        low.report(file, compare=[low])
    with pytest.raises(InputError, match="is of the region example"):
        low.report(file, compare=[fs.run("example")])
    with pytest.raises(InputError, match="No labels in language 'fr'"):
        low.report(file, lang="fr")
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_kept(low, tmp_path) -> None:
    file = tmp_path / "folder.html"
    file.mkdir()
    with pytest.raises(InputError, match="cannot write"):
        low.report(file)
    assert [*tmp_path.iterdir()] == [file]


def test_a_missing_extra_is_named(low, tmp_path, monkeypatch) -> None:
    for name in [one for one in sys.modules if one.startswith(("fsinsure.report.", "plotly"))]:
        if name != "fsinsure.report.write":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(InputError, match=r"plotly.*pip install 'fsinsure\[html\]'"):
        low.report(tmp_path / "page.html")
    assert not [*tmp_path.iterdir()]


def test_the_command_writes_the_page(tmp_path) -> None:
    run = CliRunner().invoke(
        app,
        [
            *("report", "low-growth", "--html", "--draws", "8", "--lang", "en"),
            *("--compare", "baseline", "--out", str(tmp_path)),
        ],
    )
    assert run.exit_code == 0, run.output
    file = tmp_path / "low-growth.html"
    assert run.stdout.strip().endswith(str(file))
    assert run.stderr.splitlines() == [
        "Projecting",
        "Probabilities and ranges: 8 draws",
        "Solving what it takes to meet the targets",
        "Moving each assumption",
        "Writing the page",
    ]
    page = read(file.read_text(encoding="utf-8"))
    assert "8 draws of" in page.by_id("certainty").text
    rows = page.by_id("change").table("What it takes to meet a target")
    assert [row["Measure"] for row in rows] == [
        *("Enterprise pension", "Unemployment insurance", "Work injury insurance")
    ]
    assert "Baseline" in page.by_id("toggles").text


def test_the_command_refuses_an_unknown_scenario(tmp_path) -> None:
    run = CliRunner().invoke(app, ["report", "no-such", "--out", str(tmp_path)])
    assert run.exit_code == 2
    assert not [*tmp_path.iterdir()]


def test_a_target_for_which_the_region_names_no_lever_is_not_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    china = fs.load("china")
    assert any(one.measure not in china.region.closing_levers for one in china.targets)
    answers(china)
    assert "closing_levers" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "并不表示余地恰好这么大"), ("en", "not how far the target would allow")],
)
def test_a_search_that_ends_at_a_bound_is_said_to(tmp_path: Path, lang: str, said: str) -> None:
    target = {"measure": "injury", "year": 2025, "value": "200万"}
    easy = fs.run(fs.load("baseline").with_({"targets": [target]}))
    answer = fs.solve(easy.scenario, "injury", lever="growth.civil_service")
    assert not answer.found.met
    file = easy.report(tmp_path / "a.html", lang=lang, answers=[answer])
    page = read(file.read_text(encoding="utf-8"))
    assert said in page.text
    bound = {"zh": "（下限）", "en": " (lower bound)"}[lang]
    assert f"{answer.path['after'].iloc[-1]:.2%}".replace("-", "−") + bound in page.text


def test_a_report_can_be_stopped_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fs, "sensitivity", stopped, raising=False)
    command = ["report", "low-growth", "--html", "--draws", "0", "--out", str(tmp_path)]
    run = CliRunner().invoke(app, command, env={"FSINSURE_LANG": "zh"})
    assert run.exit_code == 130
    assert run.stderr.splitlines()[-1] == "已中断。"
    assert not [*tmp_path.iterdir()]


def test_people_of_one_unit_have_the_same_decimals(pages) -> None:
    """515.46 is not 515.5 elsewhere on the page: a gap is the difference of what is beside it."""
    for lang, decimals in (("zh", 2), ("en", 3)):
        for card in pages[lang].all("article"):
            shown = re.findall(r"[0-9,]+\.([0-9]+)(?=\s*(?:万人|million))", card.text)
            assert shown, card.text
            assert all(len(one) == decimals for one in shown), card.text
