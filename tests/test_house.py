"""The house keeps its floors: who may import whom, and what may not stand in a committed file."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The files of conv_view that, with the controls, may talk to Streamlit; all else there is plain Python.
# The package of the stage offers its mount, so its modules bring Streamlit along without naming it.
MAY_USE_STREAMLIT = {
    "address.py",
    "address_listener.py",
    "pictures_widgets.py",
    "stage/component.py",
}
TEXT = {".py", ".md", ".toml", ".txt", ".js", ".css", ".html", ".json", ".svg", ".yml", ".yaml", ".sh", ""}
NOT_OURS = {".git", ".venv", ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The full names of all modules that a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                own = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                names.add(".".join([*own, *filter(None, [node.module])]))
            else:
                names.add(node.module or "")
    return names


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def may_use_streamlit(path: Path) -> bool:
    within = path.relative_to(ROOT / "conv_view")
    return within.as_posix() in MAY_USE_STREAMLIT or within.parts[0] in ("controls", "controls.py")


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def text_files() -> Iterator[Path]:
    for top in sorted(ROOT.iterdir()):
        if top.name in NOT_OURS:
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
                yield path


@pytest.mark.parametrize("path", sources("conv_core"), ids=module)
def test_the_core_knows_numpy_and_the_standard_library_only(path):
    assert packages(path) - set(sys.stdlib_module_names) <= {"numpy", "conv_core"}


def came_along(paths: list[Path], unwanted: set[str]) -> list[str]:
    """Import the modules in a fresh process and return which of the `unwanted` are there afterwards."""
    code = (
        "import importlib, sys\n"
        f"for name in {[module(path) for path in paths]!r}: importlib.import_module(name)\n"
        f"print(*sorted({unwanted!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_core_brings_along_nothing_that_draws():
    assert came_along(sources("conv_core"), {"streamlit", "plotly", "PIL", "pandas", "conv_view"}) == []


def test_the_view_brings_streamlit_along_in_few_places():
    plain = [path for path in sources("conv_view") if not may_use_streamlit(path)]
    assert came_along([path for path in plain if path.parent.name != "stage"], {"streamlit"}) == []


@pytest.mark.parametrize("path", sources("conv_view"), ids=module)
def test_the_view_does_not_know_the_pages(path):
    assert not packages(path) & {"pages", "app", "tests", "bench", "tools"}


@pytest.mark.parametrize("path", sources("conv_view"), ids=module)
def test_streamlit_is_met_in_few_places(path):
    if not may_use_streamlit(path):
        assert "streamlit" not in packages(path)


@pytest.mark.parametrize("path", sources("pages"), ids=module)
def test_the_pages_hold_no_drawing(path):
    assert not packages(path) & {"plotly", "PIL", "pages"}


# Written in pieces, so that this file passes its own test.
HOSTS = [
    ".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))
]
MACHINE = re.compile(r"(?<![\w.\-/])/(?:home|root|Users|work|mnt)/\w")


def test_committed_texts_name_no_machine_and_no_registry():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line) or any(host in line for host in HOSTS)
    ]
    assert found == []


def requirements(name: str) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-r ")]


def test_streamlit_is_pinned_exactly():
    assert [line for line in requirements("requirements.txt") if line.startswith("streamlit")] == [
        "streamlit==1.67.0"
    ]


@pytest.mark.parametrize("line", requirements("requirements.txt") + requirements("requirements-dev.txt"))
def test_a_requirement_is_pinned_or_bounded_on_both_sides(line):
    assert re.fullmatch(r"[\w\-]+(==[\d.]+|>=[\d.]+,<[\d.]+)", line)


def config() -> dict[str, object]:
    """The app's configuration, by dotted names as Streamlit has them."""

    def flat(table: dict, before: str = "") -> Iterator[tuple[str, object]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from flat(value, f"{before}{key}.")
            else:
                yield before + key, value

    return dict(flat(tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))))


def test_streamlit_knows_every_option_of_the_configuration():
    from streamlit.config import get_config_options

    assert set(config()) <= set(get_config_options())


def test_a_visitor_sees_no_traceback_and_nothing_is_reported_home():
    options = config()
    assert options["client.showErrorDetails"] == "none"
    assert options["browser.gatherUsageStats"] is False
    assert options["runner.postScriptGC"] is False
