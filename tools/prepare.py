"""Create .venv and install the requirement files named on the command line, unless that is done already.

Runs before anything is installed, with whatever `python3` is there: the standard library only, and syntax
that an old Python 3 can read, so that it is this file that says what is missing and not a SyntaxError.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
# What a sound .venv does: it has pip, and a Python that is not too old.
PROBE = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"


def complain(sentence):
    """Print one sentence and stop."""
    sys.exit("ConvScope: " + sentence)


def create():
    """Create .venv where there is none, or where its Python does not answer any more."""
    try:
        if subprocess.call([str(PYTHON), "-c", PROBE], stderr=subprocess.DEVNULL) == 0:
            return
    except OSError:
        pass
    print("Creating .venv", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode == 0:
        return
    said = done.stdout.decode(errors="replace")
    if "ensurepip" in said:
        complain(
            "this Python cannot create a virtual environment; on Debian and Ubuntu that takes "
            "`apt-get install python3-venv`, then run this again."
        )
    complain("creating .venv failed:\n" + said)


def contents(name):
    """Return the text of a requirement file and of those it includes: what decides about a new install."""
    text = (ROOT / name).read_text(encoding="utf-8")
    included = [line.split()[1] for line in text.splitlines() if line.startswith("-r ")]
    return text + "".join(contents(other) for other in included)


def install(name):
    """Install one requirement file, if its contents are not those of the last time."""
    wanted = hashlib.sha256(contents(name).encode("utf-8")).hexdigest()
    stamp = VENV / (name + ".installed")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing " + name, flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", name]
    if subprocess.call(command, cwd=str(ROOT)):
        complain("installing " + name + " failed; what pip said stands above.")
    stamp.write_text(wanted, encoding="utf-8")


def main():
    """Prepare .venv for the files named on the command line."""
    if sys.version_info < OLDEST:
        complain(
            "Python 3.11 or newer is needed, and this is {}.{}; name a newer one with: "
            "make PYTHON=python3.12".format(*sys.version_info[:2])
        )
    create()
    for name in sys.argv[1:]:
        install(name)


if __name__ == "__main__":
    main()
