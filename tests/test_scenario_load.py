"""Loading: chains of files, who set what, bundled scenarios, and paths that lead nowhere good."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import fsinsure
from foshan import FOSHAN
from fsinsure.analysis.observe import prepare
from fsinsure.cautions import held_paths
from fsinsure.documents import user_files
from fsinsure.errors import InputError, Position, ScenarioError
from fsinsure.parameters import resolve
from fsinsure.registry import Parameter, registry
from fsinsure.scenario import Scenario, YearPath, explain, load, scaffold
from fsinsure.scenario.files import bundled_names
from scenario_files import refused, write


def said(path: Path | str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


@pytest.fixture
def chain(tmp_path: Path) -> Scenario:
    write(
        tmp_path,
        "name: root\nhorizon: 2030\n"
        "growth: {employee: {2021: 1%, 2025: 2%}, civil_service: 1%}\nbase: {dormant: 50万}\n"
        "targets: [{measure: injury, year: 2025, value: 364万},\n"
        "  {measure: unemployment, year: 2025, value: 316万}]\n",
        "common/root.yaml",
    )
    write(
        tmp_path,
        "name: middle\ntitle: {zh: 中}\nextends: common/root.yaml\n"
        "growth:\n  employee: 3%\n  flexible: 9%\n",
        "middle.yaml",
    )
    write(
        tmp_path,
        "name: top\ntitle: {en: Top}\nextends: middle.yaml\n"
        "growth: {flexible: 4%}\ntargets: [{measure: injury, year: 2026, value: 370万}]\n",
        "top.yaml",
    )
    return load(tmp_path / "top.yaml")


def test_each_file_overrides_key_by_key(chain: Scenario) -> None:
    assert chain.name == "top"
    assert chain.title == {"zh": "Top", "en": "Top"}
    assert chain.horizon == 2030
    assert chain.values == {
        "base.dormant": 500_000.0,
        "growth.employee": YearPath(((2021, 0.03),)),  # the whole path, not year by year
        "growth.flexible": YearPath(((2021, 0.04),)),
        "growth.civil_service": YearPath(((2021, 0.01),)),
    }
    assert [(t.year, t.value) for t in chain.targets] == [(2026, 3_700_000.0)]
    assert [path.name for path in chain.files] == ["root.yaml", "middle.yaml", "top.yaml"]


def test_origins_name_the_file_and_place_that_set_each_key(chain: Scenario) -> None:
    origins = {key: str(value) for key, value in chain.origins.items()}
    assert origins == {
        "horizon": "common/root.yaml:2:10",
        "base.dormant": "common/root.yaml:4:17",
        "growth.civil_service": "common/root.yaml:3:57",
        "growth.employee": "middle.yaml:5:13",
        "growth.flexible": "top.yaml:4:20",
        "targets": "top.yaml:5:10",
    }


def test_origins_do_not_depend_on_how_the_path_was_typed(
    chain: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert chain.origins["base.dormant"] == Position("common/root.yaml", 4, 17)
    for path in ("top.yaml", "./top.yaml", "common/../top.yaml", tmp_path / "top.yaml"):
        found = load(path)
        assert found.origins == chain.origins
        assert explain(found) == explain(chain)
    monkeypatch.chdir(tmp_path / "common")
    assert load("../top.yaml").origins == chain.origins
    assert load(Path("root.yaml")).origins["horizon"] == Position("root.yaml", 2, 10)


def test_errors_name_a_file_as_the_user_typed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "name: mine\nhorizon: 1\n", "sub/mine.yaml")
    monkeypatch.chdir(tmp_path)
    for path in ("sub/mine.yaml", str(tmp_path / "sub" / "mine.yaml")):
        assert said(path).startswith(f"{path}:2:10: horizon: 1 is out of bounds")


def test_explain_shows_value_and_origin(chain: Scenario) -> None:
    changed = chain.with_(
        {
            "growth.civil_service": {2021: 0.0, 2025: "1.5%", "interpolate": "linear"},
            "retirement.delay_from": None,
            "mortality.table": "CL5-CL6",
        }
    )
    assert explain(changed) == [
        ("horizon", "2030", "common/root.yaml:2:10"),
        ("base.dormant", "50万", "common/root.yaml:4:17"),
        ("growth.employee", "3%", "middle.yaml:5:13"),
        ("growth.flexible", "4%", "top.yaml:4:20"),
        ("growth.civil_service", "{2021: 0%, 2025: 1.5%, interpolate: linear}", "with_"),
        ("mortality.table", "CL5-CL6", "with_"),
        ("retirement.delay_from", "none", "with_"),
        ("targets: injury", "370万 in 2026", "top.yaml:5:11"),
    ]


def test_an_empty_scenario_has_the_default_horizon(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, "name: mine\n"))
    assert scenario.horizon == 2025
    assert scenario.origins == {"horizon": "default"}
    assert scenario.title == {"zh": "mine", "en": "mine"}
    assert explain(scenario) == [("horizon", "2025", "default")]


def test_an_error_in_an_ancestor_names_the_ancestor(tmp_path: Path) -> None:
    write(tmp_path, "name: root\nhorizon: 1\n", "sub/root.yaml")
    message = refused(tmp_path, "name: mine\nextends: sub/root.yaml\n")
    assert message.startswith("sub/root.yaml:2:10: horizon: 1 is out of bounds")


EXTENDS = {
    "itself": ("mine.yaml", "mine.yaml:2:10: extends: a loop: mine.yaml → mine.yaml"),
    "missing": ("other.yaml", "mine.yaml:2:10: extends: other.yaml: no such file"),
    "misspelt bundled": ("baselin", "no bundled scenario 'baselin'. Did you mean 'baseline'?"),
    "no ending": ("sub/other", "expected a file ending in .yaml or a bundled name"),
    "text file": ("sub/other.txt", "expected a file ending in .yaml or a bundled name"),
    "outside": (
        "../other.yaml",
        "mine.yaml:2:10: extends: '../other.yaml' leaves the folder tree",
    ),
    "outside by detour": ("sub/../../other.yaml", "leaves the folder tree"),
    "absolute": ("/etc/other.yaml", "leaves the folder tree"),
    "drive": ("c:other.yaml", "leaves the folder tree"),
    "network share": ("//host/share/x.yaml", "leaves the folder tree"),
    "backslash": ("sub\\root.yaml", "has a backslash: write / between folders"),
    "folder": ("folder.yaml", "extends: folder.yaml: this is a folder"),
    "list": ("[a.yaml, b.yaml]", "mine.yaml:2:10: extends: expected a text, got a list"),
    "null": ("~", "mine.yaml:2:10: extends: expected a text, got no value"),
    "too long": ("x" * 5000 + ".yaml", "no such file"),
}


@pytest.mark.parametrize(("name", "words"), EXTENDS.values(), ids=EXTENDS.keys())
def test_refused_extends(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "inner"
    (folder / "folder.yaml").mkdir(parents=True)
    write(tmp_path, "name: other\n", "other.yaml")
    message = refused(folder, f"name: mine\nextends: {name}\n")
    assert words in message
    assert message.startswith("mine.yaml:2:10: ")
    assert "YAML" not in message  # a missing file is not called invalid


@pytest.mark.parametrize("name", ["//host/share/x.yaml", "c:/x.yaml", "/etc/x.yaml", "c:x.yaml"])
def test_another_machine_or_drive_is_refused_before_it_is_asked(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(user_files, "resolved", lambda path: pytest.fail(f"{path} was resolved"))
    with pytest.raises(InputError, match="leaves the folder tree"):
        user_files.within(name, Path(), Path())


def test_a_loop_is_shown_whole(tmp_path: Path) -> None:
    write(tmp_path, "name: a\nextends: sub/b.yaml\n", "a.yaml")
    write(tmp_path, "name: b\nextends: ../c.yaml\n", "sub/b.yaml")
    write(tmp_path, "name: c\nextends: sub/b.yaml\n", "c.yaml")
    message = said(tmp_path / "a.yaml").replace(f"{tmp_path}/", "")
    assert message == "c.yaml:2:10: extends: a loop: sub/b.yaml → c.yaml → sub/b.yaml"


def test_a_link_does_not_lead_out_of_the_folder_tree(tmp_path: Path) -> None:
    write(tmp_path, "name: secret\n", "outside/secret.yaml")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(tmp_path / "outside" / "secret.yaml")
    (inner / "folder").symlink_to(tmp_path / "outside")
    (inner / "round.yaml").symlink_to(inner / "round.yaml")
    for name in ("link.yaml", "folder/secret.yaml"):
        assert "leaves the folder tree" in refused(inner, f"name: mine\nextends: {name}\n")
    assert "no such file" in refused(inner, "name: mine\nextends: round.yaml\n")
    csv = tmp_path / "outside" / "q.csv"
    csv.write_text("age", encoding="utf-8")
    (inner / "q.csv").symlink_to(csv)
    assert "leaves the folder tree" in refused(inner, "name: mine\nmortality: {table: q.csv}\n")


def test_the_opened_file_itself_may_be_a_link(tmp_path: Path) -> None:
    target = write(tmp_path, "name: real\nextends: root.yaml\n", "store/real.yaml")
    write(tmp_path, "name: root\nhorizon: 2040\n", "desk/root.yaml")
    link = tmp_path / "desk" / "mine.yaml"
    link.symlink_to(target)
    assert load(link).horizon == 2040


def test_a_data_file_is_kept_relative_to_the_scenario_opened(tmp_path: Path) -> None:
    table = write(tmp_path, "age,male,female\n", "sub/q.csv")
    write(tmp_path, "name: root\nmortality: {table: q.csv}\n", "sub/root.yaml")
    scenario = load(write(tmp_path, "name: mine\nextends: sub/root.yaml\n"))
    assert scenario.values["mortality.table"] == "sub/q.csv"
    assert scenario.folder is not None
    assert (scenario.folder / "sub/q.csv").samefile(table)


def test_missing_files_folders_and_strange_names(tmp_path: Path) -> None:
    assert said(tmp_path / "none.yaml") == f"{tmp_path / 'none.yaml'}: no such file"
    assert "this is a folder: name a scenario file in it" in said(tmp_path)
    assert said("\0.yaml") == "'\\x00.yaml' has a control character: rename the file"
    assert said("\x1b[31m.yaml").startswith("'\\x1b[31m.yaml' has a control character")
    assert "no such file" in said(f"{'x' * 5000}.yaml")
    assert "no scenario named. Bundled: as-implemented, baseline" in said("")
    assert said(os.devnull) == f"{os.devnull}: not a regular file"


def test_names_that_are_neither_bundled_nor_a_file_get_a_suggestion() -> None:
    message = said("exampel")
    assert "no bundled scenario 'exampel'. Did you mean 'example'?" in message
    assert "To name a file, write its ending .yaml" in message


def test_the_bundled_scenarios_load_and_resolve() -> None:
    names = bundled_names()
    assert {"baseline", "example", "china"} <= set(names)
    for name in names:
        scenario = load(name)
        assert scenario.name == name
        assert scenario.targets
        assert scenario.title["zh"] != scenario.title["en"]
        parameters, _ = prepare(scenario)
        assert len(parameters.years) == scenario.horizon - scenario.region.base_year


def test_bundled_files_are_named_without_a_machine_path() -> None:
    scenario = load("table-baseline")
    assert {str(o).split(":")[0] for o in scenario.origins.values()} == {
        "baseline.yaml",
        "table-baseline.yaml",
    }


def test_a_bundled_file_that_is_extended_keeps_its_name(tmp_path: Path) -> None:
    mine = load(write(tmp_path, "name: mine\nextends: table-baseline\nhorizon: 2030\n"))
    assert {str(o).split(":")[0] for o in mine.origins.values()} == {
        "mine.yaml",
        "fsinsure/scenarios/baseline.yaml",
        "fsinsure/scenarios/table-baseline.yaml",
    }


def test_a_user_file_extends_a_bundled_one_by_name_only(tmp_path: Path) -> None:
    for name in ("baseline", "example"):
        base = load(name)
        scenario = load(write(tmp_path, f"name: mine\nextends: {name}\n"))
        assert scenario.hash == base.hash
        assert scenario.targets == base.targets
        assert scenario.folder == tmp_path.resolve()
    message = refused(tmp_path, "name: mine\nextends: baseline.yaml\n")
    assert message == (
        "mine.yaml:2:10: extends: baseline.yaml: no such file: baseline is shipped with the "
        "library, write baseline alone"
    )


def test_a_missing_file_with_the_name_of_a_shipped_scenario_gets_a_hint(tmp_path: Path) -> None:
    for path in (tmp_path / "scenarios" / "low-growth.yaml", tmp_path / "low-growth"):
        assert said(path) == (
            f"{path}: no such file: low-growth is shipped with the library, write low-growth alone"
        )
    assert said(tmp_path / "other.yaml") == f"{tmp_path / 'other.yaml'}: no such file"


@pytest.mark.parametrize("given", [None, {"name": "a"}, 5, b"baseline", ["baseline"]])
def test_only_paths_and_names_are_loaded(given: object) -> None:
    with pytest.raises(
        ScenarioError, match=r"from the path of a \.yaml file or by the name"
    ) as caught:
        load(given)
    assert type(given).__name__ in str(caught.value)


def test_the_baseline_has_the_three_targets_of_the_plan() -> None:
    found = {t.measure: (t.year, t.value, t.baseline) for t in load("baseline").targets}
    assert found == {
        "pension.enterprise": (2025, 4_700_000.0, 3_926_300.0),
        "unemployment": (2025, 3_160_000.0, 3_063_900.0),
        "injury": (2025, 3_640_000.0, 3_359_900.0),
    }


def given() -> list[Parameter]:
    """The parameters that the region has a value of; the others are optional."""
    return [registry()[name] for name in FOSHAN.values]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_scenario_changes_no_value_and_lists_every_key(tmp_path: Path, lang: str) -> None:
    text = scaffold("my-reform", lang=lang)
    scenario = load(write(tmp_path, text))
    assert scenario.name == "my-reform"
    assert scenario.hash == load("baseline").hash
    for parameter in given():
        lines = text.splitlines()
        meaning = parameter.zh if lang == "zh" else parameter.en
        about = next(line for line in lines if line.lstrip("# ").startswith(f"{meaning} · "))
        assert about.startswith("##")
        key = lines[lines.index(about) + 1]
        assert key.startswith("# ")
        assert key.strip("# ").startswith(f"{parameter.location[-1]}: ")
        assert ("默认" if lang == "zh" else "default") in about
        assert ("范围" if lang == "zh" else "bounds") in about or parameter.low is None
    other = "en" if lang == "zh" else "zh"
    assert not any(getattr(parameter, other) in text for parameter in given())


def uncommented(text: str) -> str:
    return "".join(f"{line.removeprefix('# ')}\n" for line in text.splitlines())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("extends", ["baseline", "plan-targets", "table-baseline"])
def test_a_new_scenario_with_every_line_set_changes_no_value(
    tmp_path: Path, lang: str, extends: str
) -> None:
    text = scaffold("my-reform", lang=lang, extends=extends)
    scenario, base = load(write(tmp_path, uncommented(text))), load(extends)
    held = {name for name, found in FOSHAN.values.items() if found[0].text == "base"}
    assert set(scenario.origins) == {
        *FOSHAN.values,
        "as_of",
        "horizon",
        "targets",
        "relief",
        "observe.until",
        "fitted",
    }
    assert set(scenario.values) == {*FOSHAN.values} - (held - set(base.values))
    assert {str(origin).split(":")[0] for origin in scenario.origins.values()} == {"mine.yaml"}
    far = {"horizon": 2060}
    wanted, found = resolve(base.with_(far)), resolve(scenario.with_(far))
    assert held_paths(found) == held_paths(wanted)
    assert found.scalars == wanted.scalars
    assert found.paths.keys() == wanted.paths.keys()
    for key, path in wanted.paths.items():
        assert found.paths[key].tolist() == path.tolist(), key
    assert [replace(t, position=None) for t in scenario.targets] == [
        replace(t, position=None) for t in base.targets
    ]
    assert [replace(r, position=None) for r in scenario.relief] == [
        replace(r, position=None) for r in base.relief
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_new_scenario_with_every_line_set_gives_the_same_enrollment(
    tmp_path: Path, lang: str
) -> None:
    text = uncommented(scaffold("my-reform", lang=lang))
    assert "delay_from: none\n" in text and "min_months: 180\n" in text
    ours, theirs = (
        fsinsure.run(scenario).enrollment.drop(columns="scenario")
        for scenario in (load(write(tmp_path, text)), load("baseline"))
    )
    assert ours.equals(theirs)


def test_a_new_scenario_extends_a_bundled_one() -> None:
    with pytest.raises(InputError, match=r"no bundled scenario 'mine\.yaml'"):
        scaffold("my-reform", extends="mine.yaml")


@pytest.mark.parametrize("name", ["2024", "1e5", "true", "null", "a-b_c"])
def test_any_name_survives_a_new_scenario(tmp_path: Path, name: str) -> None:
    text = scaffold(name)
    assert load(write(tmp_path, text)).name == name


def test_a_new_scenario_needs_a_usable_name() -> None:
    with pytest.raises(ScenarioError, match="'my reform' is not a name"):
        scaffold("my reform")


def test_importing_the_package_does_not_load_yaml() -> None:
    code = (
        "import sys; import fsinsure.scenario as s; from fsinsure.registry import registry;"
        "registry(); s.YearPath(((2021, 1.0),));"
        "print({'yaml', 'pandas', 'yamlcore'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
