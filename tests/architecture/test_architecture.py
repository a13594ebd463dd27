"""Rules of structure that no linter checks: layers, sizes, public names, import weight."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import fsinsure

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "fsinsure"
LAYERS = {
    7: {
        "__main__",
        "cli",
        "app",
        "app_cli",
        "micro_cli",
        "input_cli",
        "usage",
        "region_cli",
        "backtest_cli",
        "backtests",
        "ensemble_cli",
        "ensemble_api",
        "ensembles",
        "ensemble_comparison",
        "quota_cli",
        "quota_plan",
        "report_cli",
        "workbook_api",
        "solve_cli",
        "calibrate_cli",
        "explain_cli",
        "solves",
        "sensitivity_cli",
        "sensitivities",
        "calibrations",
        "answer",
        "joint_answer",
        "api",
        "comparison",
        "differing",
        "result",
        "result_tables",
        "exports",
        "compare_api",
        "plots",
        "drawings",
        "ensemble_plots",
    },
    6: {"output", "workbook", "report"},
    5: {"analysis", "validation"},
    4: {"tables"},
    3: {"engine", "microsim"},
    2: {"cautions", "checks", "year", "base_year", "microdata", "ledger"},
    1: {
        *("parameters", "provenance", "scenario", "region", "documents", "registry", "paths"),
        *("sources", "life_tables", "measures", "draws", "encode"),
    },
    0: {
        "state",
        "statuses",
        "rules",
        "dims",
        "arrays",
        "units",
        "files",
        "tabular",
        "errors",
        "messages",
        "names",
        "numeric",
        "columns",
        "cached",
        "card",
        "_version",
        "",
    },
}
PUBLIC = {
    *(
        "load",
        "run",
        "scenarios",
        "backtest",
        "ensemble",
        "calibrate",
        "quotas",
        "compare",
        "events",
        "reconcile",
        "sensitivity",
        "solve",
        "Scenario",
        "Target",
        "Result",
        "Comparison",
    ),
    *("load_persons", "Persons", "Checkpoint"),
    *(
        "regions",
        "open_region",
        "check_region",
        "net_migration",
        "assumptions",
        "Region",
        "RegionCheck",
    ),
    *("FsinsureError", "InputError", "ScenarioError", "DataError", "ClosureError"),
    *("PoolError", "MeasureError", "IdentityError"),
}
HEAVY = {"pandas", "matplotlib", "scipy", "yaml", "typer", "tqdm"} | {
    *("distributed", "numba", "pyarrow", "xlsxwriter", "openpyxl")
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its name without the leading ``fsinsure.``."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def executed(tree: ast.AST) -> list[ast.AST]:
    """All nodes but those that only a type checker sees."""
    nodes = []
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            nodes += [child, *executed(child)]
    return nodes


def imports(tree: ast.Module) -> set[str]:
    """The modules of fsinsure that a module imports, without the leading ``fsinsure.``."""
    names = set()
    for node in executed(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = {name for name in whole if name.removeprefix("fsinsure.") in modules()}
            names |= inner or {node.module}
    return {
        name.removeprefix("fsinsure").lstrip(".")
        for name in names
        if name == "fsinsure" or name.startswith("fsinsure.")
    }


def layer(module: str) -> int:
    package = module.split(".")[0]
    return next(number for number, packages in LAYERS.items() if package in packages)


def test_every_module_imports_only_its_own_layer_and_those_below() -> None:
    upward = [
        f"{module} -> {other}"
        for module, tree in modules().items()
        for other in imports(tree)
        if layer(other) > layer(module)
    ]
    assert modules()
    assert not upward


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: imports(tree) - {module} for module, tree in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_modules_and_functions_stay_small() -> None:
    long = []
    for module, tree in modules().items():
        path = SOURCE.joinpath(*module.split(".")).with_suffix(".py")
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 400:
            long.append(f"{module}: {lines} lines, at most 400")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and body_lines(node) > 60:
                long.append(f"{module}.{node.name}: {body_lines(node)} lines, at most 60")
    assert not long


def body_lines(function: ast.FunctionDef) -> int:
    """Lines from the signature to the end, the docstring not counted."""
    total = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or 0) - first.lineno + 1
    return total


def test_the_public_names_are_the_documented_ones() -> None:
    assert set(fsinsure.__all__) == PUBLIC
    assert len(fsinsure.__all__) <= 34
    assert set(dir(fsinsure)) == PUBLIC | {"__version__"}
    for name in fsinsure.__all__:
        assert getattr(fsinsure, name).__doc__, name
    with pytest.raises(AttributeError, match="has no attribute 'projekt'"):
        _ = fsinsure.projekt


def test_the_version_is_that_of_the_project_file() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{fsinsure.__version__}"\n' in project


def test_no_public_name_is_also_a_module() -> None:
    """Importing ``fsinsure.run`` as a module would put it in the place of the function."""
    assert not set(fsinsure.__all__) & modules().keys()


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import fsinsure", HEAVY | {"numpy"}),
        (
            "import sys; sys.argv = ['fsinsure', '--help']\n"
            "from fsinsure.cli import main\n"
            "try: main()\nexcept SystemExit as end: assert end.code == 0, end.code",
            HEAVY - {"typer"} | {"numpy"},
        ),
        ("import fsinsure; fsinsure.run('baseline')", HEAVY - {"yaml", "scipy"}),
        (
            "import fsinsure\nfsinsure.run('baseline', 'micro', persons=1_000, accelerate=False)",
            HEAVY - {"yaml", "scipy"},
        ),
    ],
    ids=["import", "help", "run", "micro"],
)
def test_import_weight(code: str, unwanted: set[str]) -> None:
    report = "import sys; print('loaded', *{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], check=True, capture_output=True, text=True
    )
    loaded = set(run.stdout.splitlines()[-1].split())
    assert "fsinsure" in loaded
    assert not loaded & unwanted


def test_text_is_read_and_written_as_utf8() -> None:
    """No locale decides how a file is read: every text call names its encoding."""
    silent = []
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) == "os.open":
                continue
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            binary = any(isinstance(a, ast.Constant) and "b" in str(a.value) for a in node.args)
            named = any(keyword.arg == "encoding" for keyword in node.keywords)
            texts = {"open", "read_text", "write_text", "NamedTemporaryFile"}
            if name in texts and not named and not (name == "open" and binary):
                silent.append(f"{module}:{node.lineno}: {ast.unparse(node)}")
    assert not silent


def test_no_handler_catches_everything() -> None:
    broad = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & names_in(node.type))
    ]
    assert not broad


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def test_the_tree_in_architecture_md_is_the_real_one() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    block = re.search(r"```text\nsrc/fsinsure/\n(.*?)```", text, re.DOTALL)
    assert block, "ARCHITECTURE.md shows no tree"
    drawn: set[str] = set()
    folders = [""]
    for line in block[1].splitlines():
        indent, name, meaning = re.fullmatch(r"( *)(\S+)\s*(.*)", line).groups()
        depth = len(indent) // 2
        assert meaning or depth > 1, f"{name} is not explained"
        folders[depth - 1 :] = ["".join(folders[depth - 1 : depth])]
        drawn.add(folders[depth - 1] + name)
        if name.endswith("/"):
            folders.append(folders[depth - 1] + name)
    real = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    real = {name for name in real if not name.endswith("/__init__.py")}
    packages = {
        path.relative_to(SOURCE).as_posix() + "/"
        for path in SOURCE.rglob("*")
        if path.is_dir() and "__pycache__" not in path.parts and SOURCE / "data" not in path.parents
    } - {"output/fonts/", "data/"}
    assert drawn - {"data/"} == real | packages
