"""Pages that are used again: a window that has shown the app before opens it in half the time."""

from collections import defaultdict

from playwright.sync_api import Browser, Page

# Tells whether a page is about to do something, which is not to be seen on it: a slider speaks up a fifth of
# a second after it was moved, an answer is on its way, a file is being sent. `settled` asks.
_ABOUT_TO = """
(() => {
  const later = new Set();
  const { setTimeout: set, clearTimeout: clear } = window;
  let unanswered = false;
  window.setTimeout = (task, pause, ...given) => {
    const id = set((...all) => {
      later.delete(id);
      task(...all);
    }, pause, ...given);
    if (pause >= 100 && pause <= 1000) later.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    later.delete(id);
    clear(id);
  };
  const { send } = WebSocket.prototype;
  const heard = new WeakSet();
  WebSocket.prototype.send = function (data) {
    if (!heard.has(this)) this.addEventListener("message", () => { unanswered = false; });
    heard.add(this);
    unanswered = true;
    return send.call(this, data);
  };
  const { send: load } = XMLHttpRequest.prototype;
  let loading = 0;
  XMLHttpRequest.prototype.send = function (...given) {
    loading += 1;
    this.addEventListener("loadend", () => { loading -= 1; });
    return load.apply(this, given);
  };
  window.aboutTo = () => unanswered || loading > 0 || later.size > 0;
})();
"""


class Visitors:
    """Pages in contexts of their own. Who leaves is forgotten, but for the cache."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._waiting: defaultdict[tuple[str, bool], list[Page]] = defaultdict(list)
        self._kinds: dict[Page, tuple[str, bool]] = {}

    def come(self, locale: str, viewport: tuple[int, int], *, touch: bool = False, **media: str) -> Page:
        """Return an empty page of this language and size; `media` is what emulate_media takes."""
        kind = locale, touch  # what cannot be changed once there is a context
        if self._waiting[kind]:
            page = self._waiting[kind].pop()
        else:
            context = self._browser.new_context(locale=locale, has_touch=touch)
            context.add_init_script(_ABOUT_TO)
            page = context.new_page()
            self._kinds[page] = kind
        page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        page.emulate_media(**media)
        return page

    def go(self, page: Page) -> None:
        """Forget all that a page has seen, and keep it for who comes next."""
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.mouse.move(0, 0)
        page.goto("about:blank")
        page.context.clear_cookies()
        session = page.context.new_cdp_session(page)
        session.send("Page.resetNavigationHistory")
        session.detach()
        self._waiting[self._kinds[page]].append(page)
