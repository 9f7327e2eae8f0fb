"""Run a Streamlit app as `streamlit run` does, and note what every run of its script costs.

`python -m bench.server app.py notes.jsonl --server.port 8600` adds a line to the notes for each run: whether
it was a fragment's, the seconds it took, the seconds of processor time of its thread, and the processor time
of the whole process so far. With `--profile` the runs of fragments are profiled as well, and the line tells
the own time of every function, summed by where it stands in the code.
"""

import cProfile
import json
import pstats
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.web import cli

ROOT = Path(__file__).parent.parent
# Where a function's file stands -> the name it goes by in the split; the first that fits.
PLACES = (
    ("conv_core/", "core"),
    ("/numpy/", "core"),
    ("conv_view/scene.py", "scene packing"),
    ("conv_view/stories/", "scene packing"),
    ("conv_view/part.py", "picture"),
    ("conv_view/pictures.py", "picture"),
    ("conv_view/eight_bits.py", "picture"),
    ("conv_view/address", "address"),
    ("conv_view/", "controls and page"),
    ("pages/", "controls and page"),
    ("/site-packages/", "Streamlit"),
)


def place_of(path: str) -> str:
    """Return where a function's file belongs; built-in ones are counted with whoever calls them."""
    return next((name for part, name in PLACES if part in path), "Streamlit")


def split(profile: cProfile.Profile) -> dict[str, float]:
    """Return the seconds by place; the time of functions outside our files goes to their callers' place."""
    seconds: Counter[str] = Counter()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (path, _, _), (_, _, own, _, callers) in stats.items():
        if path != "~" or not callers:
            seconds[place_of(path)] += own
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            seconds[place_of(caller)] += part
    return dict(seconds)


def watch(notes: Path, profiled: bool) -> None:
    """Have every run of a script noted in `notes`."""
    run = ScriptRunner._run_script

    def noted(self: ScriptRunner, data: Any) -> None:
        fragment = bool(data.fragment_id_queue)
        profile = cProfile.Profile() if profiled and fragment else None
        wall, thread = time.perf_counter(), time.thread_time()
        if profile:
            profile.enable()
        try:
            run(self, data)
        finally:
            if profile:
                profile.disable()
            note = {
                "fragment": fragment,
                "wall": time.perf_counter() - wall,
                "thread": time.thread_time() - thread,
                "process": time.process_time(),
                "split": split(profile) if profile else None,
            }
            with notes.open("a") as out:
                out.write(json.dumps(note) + "\n")

    ScriptRunner._run_script = noted  # type: ignore[method-assign, assignment]


def main() -> None:
    """Run the app named on the command line."""
    app, notes, *options = sys.argv[1:]
    profiled = "--profile" in options
    watch(Path(notes), profiled)
    flags = [option for option in options if option != "--profile"]
    cli.main(["run", app, *flags], standalone_mode=False)


if __name__ == "__main__":
    main()
