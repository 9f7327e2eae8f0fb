"""Find a Chromium for the tests and the bench, or install one.

`python -m tools.browser` prints the path of the browser. It takes the system's Chromium or Chrome where
there is one; else Debian's package where apt and root allow; else the build that Playwright downloads. Where
none is to be had it says so and fails: a browser test is never skipped.
"""

import os
import shutil
import subprocess
import sys

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BUNDLES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--no-sandbox",  # root and containers have no sandbox, and only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing may go out to another host, or wait for one that does not answer.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Chinese page texts are drawn as boxes without a font that has the characters; this one is small.
CHINESE_FONT = "fonts-wqy-microhei"
# Playwright drives the browser with a program of its own, which wants this library; a small Debian lacks it.
DRIVER_LIBRARY = "libatomic1"


def answers(*command: str) -> bool:
    """Tell whether a program is there and starts (a program that is there may lack a library)."""
    try:
        done = subprocess.run([*command, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def driver_starts() -> bool:
    """Tell whether Playwright itself works here, whatever the browser."""
    return answers(sys.executable, "-m", "playwright")


def playwright_build() -> str:
    """Return where Playwright keeps its own Chromium, there or not."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find() -> str | None:
    """Return the path of a browser that starts (Ubuntu's `chromium-browser` can be a stub), or None."""
    for path in (*map(shutil.which, COMMANDS), *MAC_BUNDLES):
        if path and answers(path):
            return path
    path = playwright_build()
    return path if answers(path) else None


def can_use_apt() -> bool:
    """Tell whether Debian's packages can be installed here."""
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(*packages: str) -> None:
    """Install Debian packages; whether it worked is seen by what is there afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )


def has_chinese_font() -> bool:
    """Tell whether fontconfig knows a font for Chinese; where it is not used the system brings its own."""
    if shutil.which("fc-list") is None:
        return sys.platform != "linux"
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout.strip())


def install() -> str | None:
    """Install a browser by the ways there are, and return its path, or None."""
    if can_use_apt():
        print("Installing Debian's chromium", flush=True)
        apt_install("chromium")
        if path := find():
            return path
    print("Installing Playwright's chromium", flush=True)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return find()


def prepare_driver() -> None:
    """See to it that Playwright itself starts, or stop and say why not."""
    if driver_starts():
        return
    if can_use_apt():
        print(f"Installing {DRIVER_LIBRARY}", flush=True)
        apt_install(DRIVER_LIBRARY)
    if not driver_starts():
        sys.exit(
            "ConvScope: the tests drive a browser with Playwright, and that does not start here; most often "
            f"it lacks a system library (Debian's package `{DRIVER_LIBRARY}`)."
        )


def main() -> None:
    """Print the path of the browser that the tests use, after installing one if need be."""
    prepare_driver()
    path = find() or install()
    if path is None:
        sys.exit(
            "ConvScope: the tests need a browser, and there is no Chromium or Chrome that starts, Debian's "
            "package `chromium` could not be installed (which takes apt and root), nor could Playwright's."
        )
    if not has_chinese_font():
        if can_use_apt():
            print(f"Installing {CHINESE_FONT}", flush=True)
            apt_install(CHINESE_FONT)
        else:
            print("There is no Chinese font here: Chinese will look like boxes in pictures of the pages.")
    print(path)


if __name__ == "__main__":
    main()
