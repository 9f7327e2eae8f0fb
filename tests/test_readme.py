"""What the README shows is true: its examples run, and its map names what is there."""

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_python_examples_say_what_they_print():
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(code, {}, "README.md", "README.md", 0)
    assert examples.examples
    said = []
    doctest.DocTestRunner().run(examples, out=said.append)
    assert "".join(said) == ""


def test_its_map_names_the_folders_that_are_there():
    named = set(re.findall(r"`(\w+)/`", README))
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}
    assert named & there == named, "in the README only"
    assert there - named - {"__pycache__"} == set(), "in the checkout only"


def test_its_commands_are_in_the_makefile():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)$", README, flags=re.MULTILINE)) <= targets
    assert set(re.findall(r"`make (\w+)`", README)) <= targets
