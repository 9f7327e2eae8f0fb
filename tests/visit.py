"""The app as a visitor's first look at a page of it, without a browser."""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

ROOT = Path(__file__).parent.parent
SECONDS = 30

_make = PagesManager.__init__


def _make_without_folder(self: PagesManager, *arguments: Any, **options: Any) -> None:
    # AppTest forgets before every run that app.py has called st.navigation, and takes the folder "pages" for
    # an app of the older kind, whose pages run by themselves. A server makes that mistake at most once.
    _make(self, *arguments, **options)
    PagesManager.uses_pages_directory = False


PagesManager.__init__ = _make_without_folder  # type: ignore[method-assign]

# Every AppTest looks through all installed packages for components of theirs, which takes three times as long
# as to run a page; what is installed stays the same while the tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def visit(page: str = "start", **query: str) -> AppTest:
    """Open the app at pages/<page>.py with these query parameters, in a session of its own."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    if page != "start":
        # Its own switch_page() wants a first run, which would be of another page.
        app._page_hash = calc_hash(page)
    app.query_params.update(query)
    return app.run()


def said(app: AppTest) -> str:
    """Return all that the page says in its own words: texts, and lines that are set as plain HTML."""
    return "\n".join([each.value for each in app.markdown] + [each.proto.body for each in app.get("html")])


def open_chapter(app: AppTest, page: str, name: str, field: str = "chapter") -> AppTest:
    """Open the chapter of this name below the stage of a page, as a click does."""
    app.session_state[f"{page}.{field}"] = name
    return app.run()
