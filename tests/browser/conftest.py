"""The running app and a real browser, one of each per test process.

A test asks for `page` (and `base_url`), and may choose the browser's language, colours and size by
parametrizing `locale`, `color_scheme`, `viewport` or `reduced_motion`; one that needs several visitors asks
for `new_page`.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.house import Complaints
from tests.browser.visitors import Visitors
from tools.browser import FLAGS, find

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    url: str
    log: Path
    process: subprocess.Popen

    def said(self, last: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-last:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _healthy(url: str) -> bool:
    try:
        with urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _start(log: Path) -> Server:
    port = _free_port()
    options = {"headless": "true", "address": "127.0.0.1", "port": str(port), "fileWatcherType": "none"}
    flags = [word for name, value in options.items() for word in (f"--server.{name}", value)]
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *flags],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", log, process)
    deadline = time.monotonic() + START_SECONDS
    while not _healthy(server.url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"The app did not start:\n{server.said()}", pytrace=False)
        time.sleep(0.1)
    return server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, started from the root of the checkout with the Python that runs the tests."""
    server = _start(tmp_path_factory.mktemp("server") / "log.txt")
    yield server
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    return server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail("There is no browser here; `make test` installs one.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def locale() -> str:
    return "en-US"


@pytest.fixture
def color_scheme() -> str:
    return "light"


@pytest.fixture
def reduced_motion() -> str:
    return "no-preference"


@pytest.fixture
def viewport() -> tuple[int, int]:
    return 1440, 900


@pytest.fixture
def complaints(base_url: str) -> Iterator[Complaints]:
    """Nothing may be heard by the end of a test; one that provokes an error clears `heard` itself."""
    complaints = Complaints(base_url)
    yield complaints
    assert complaints.heard == []


@pytest.fixture(scope="session")
def visitors(browser: Browser) -> Visitors:
    return Visitors(browser)


@pytest.fixture
def new_page(
    visitors: Visitors,
    complaints: Complaints,
    locale: str,
    color_scheme: str,
    reduced_motion: str,
    viewport: tuple[int, int],
) -> Iterator[Callable[..., Page]]:
    """Make one more page, of another visitor, who may have a language of his own."""
    pages = []

    def make(locale: str = locale) -> Page:
        page = visitors.come(locale, viewport, color_scheme=color_scheme, reduced_motion=reduced_motion)
        pages.append(page)
        complaints.listen(page)
        return page

    yield make
    for page in pages:
        complaints.leave(page)
        visitors.go(page)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Put what the server said beside a failure, where the cause of most of them is found."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server):
        report.sections.append(("log of the app", server.said()))
    return report
