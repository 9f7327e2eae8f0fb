"""The one registry of everything that lives in the URL: every state is a link, and Back is undo.

A page keeps all its values here, also those that no widget holds:

    FIELDS = (Int("stride", 1, low=1, high=8), Int("step", 0, low=0, high=10**6, quiet=True))

    @st.fragment
    def page() -> None:
        words = text.words(address.language())
        state = address.open("conv2d", FIELDS)
        st.slider(words["conv2d.stride"], 1, 8, key=state.key("stride"))
        show(trace, step=state["step"])
        state.save()

A value's key in st.session_state is "<page>.<name>". `open` sets it before the widget is made, so a widget
gets no `value=` or `default=` of its own. Streamlit forgets a widget that is not drawn; the registry keeps a
copy and puts it back. The address is read when it is news (a fresh link, Back, Forward, a link to another
page that carries values), never in a rerun that a widget caused: the browser may then still show the address
of a moment ago.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from conv_view import address_listener, address_query, text
from conv_view.address_fields import Choice, Field, Flag, Int, Number, Text
from conv_view.address_rows import Ints, Numbers

__all__ = [
    "Choice", "Field", "Flag", "Int", "Ints", "Number", "Numbers", "State", "Text",
    "begin", "end", "enter", "language", "open",
]  # fmt: skip

# "" is the language of the reader's browser; a language in a link is one that somebody chose.
LANGUAGE = Choice("lang", "", ("", *text.LANGUAGES))
APP, RECORD = "app", "address"


@dataclass
class _Record:
    """What a visitor's session remembers beside the widgets' own values."""

    browser_language: str
    # Of this full run: its number, whether Back or Forward caused it, whether the URL needs no writing as it
    # was just read, and the path of the page that it leaves for another.
    run: int = 0
    by_history: bool = False
    as_found: bool = True
    left: str | None = None
    path: str | None = None
    # By page: the values as last seen, which run read them from the URL, and what made no sense there.
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    read_in: dict[str, int] = field(default_factory=dict)
    ignored: dict[str, list[address_query.Ignored]] = field(default_factory=dict)
    # The part of the query of every page open in this run, and which were open in the run before.
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    # What the browser was told.
    written: dict[str, str] | None = None
    left_out: tuple[str, ...] = ()
    opened: dict[str, object] | None = None
    quiet: set[str] = field(default_factory=set)
    limits: dict[str, object] = field(default_factory=dict)
    # By page: the names that widgets were made for in its last run.
    held: dict[str, set[str]] = field(default_factory=dict)
    # By page: what was set here and not by a widget, and the names of which that is news.
    placed: dict[str, dict[str, Any]] = field(default_factory=dict)
    news: dict[str, set[str]] = field(default_factory=dict)


class State:
    """The values of one page: as a link, as widgets and as a copy that outlives the widgets."""

    def __init__(self, page: str, fields: Sequence[Field], record: _Record) -> None:
        self.page = page
        self.fields = {each.name: each for each in fields}
        self._record = record
        record.quiet.update(each.name for each in fields if each.quiet)

    def key(self, name: str) -> str:
        """The key for the widget that holds `name`; raises KeyError for a name without a field."""
        self._record.held.setdefault(self.page, set()).add(name)
        return self._key(name)

    def __getitem__(self, name: str) -> Any:
        one = self.fields[name]
        return one.tidy(st.session_state.get(f"{self.page}.{name}", one.default))

    def put(self, name: str, value: Any) -> None:
        """Set a value that no widget holds, or whose widget comes later in this run; callbacks may always."""
        tidy = st.session_state[self._key(name)] = self.fields[name].tidy(value)
        self._record.placed.setdefault(self.page, {})[name] = tidy
        self._record.news.setdefault(self.page, set()).add(name)

    def within(self, name: str, low: float, high: float) -> Any:
        """Keep a number inside limits that depend on other values; call it before the widget."""
        return self._limited(name, (low, high), lambda value: min(max(value, low), high))

    def among(self, name: str, options: Sequence[Any]) -> Any:
        """Keep a choice inside options that depend on other values, else the first; before the widget."""
        return self._limited(name, tuple(options), lambda value: value if value in options else options[0])

    @property
    def ignored(self) -> list[address_query.Ignored]:
        """The values in the address that made no sense, until the reader's next change."""
        told = self._record.ignored.get(self.page, [])
        return [] if told and self._changed() else told

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names whose values did not fit into the link."""
        return self._record.left_out

    def save(self) -> None:
        """Remember the values and put those that differ from their defaults into the URL, if any changed."""
        values = self._changed()
        if values:
            self._record.as_found = False
            self._record.ignored.pop(self.page, None)
            self._keep(values)
        self._record.news.pop(self.page, None)
        _write(self._record)

    def _changed(self) -> dict[str, Any]:
        """Return all values where one of them is not what was last remembered, else nothing."""
        values = {name: self[name] for name in self.fields}
        return {} if values == self._record.values.get(self.page) else values

    def _keep(self, values: dict[str, Any]) -> None:
        self._record.values[self.page] = values
        self._record.parts[self.page] = address_query.write(self.fields.values(), values)

    def _key(self, name: str) -> str:
        return f"{self.page}.{self.fields[name].name}"

    def _limited(self, name: str, limits: object, clamp: Callable[[Any], Any]) -> Any:
        key, value = self._key(name), self[name]
        clamped = clamp(value)
        # Set also when only the limits changed: Streamlit then resets the widget to its minimum.
        # Not set otherwise: a late answer would pull a slider out of the reader's hand.
        if clamped != value or self._record.limits.get(key, limits) != limits:
            st.session_state[key] = clamped
        self._record.limits[key] = limits
        return clamped

    def _arrive(self) -> None:
        """Take the values from the address where it is news, else put back what the session knows."""
        record = self._record
        held, news = record.held.pop(self.page, set()), record.news.pop(self.page, set())
        placed = record.placed.setdefault(self.page, {})
        if record.read_in.get(self.page) != record.run:
            record.read_in[self.page] = record.run
            record.ignored.pop(self.page, None)
            query = st.query_params.to_dict()
            is_link = self.page not in record.before and any(name in query for name in self.fields)
            if record.by_history or is_link:
                self._read(query)
                return
        remembered = record.values.get(self.page, {})
        for name, one in self.fields.items():
            # A menu speaks by the words it shows. After a switch of language the browser goes on sending
            # those of the other one, which are no options here: what was chosen is what is remembered.
            key, known = self._key(name), remembered.get(name, one.default)
            value = st.session_state.get(key, known)
            is_foreign = isinstance(one, Choice) and value not in (None, *one.options)
            if key not in st.session_state or is_foreign:
                self.put(name, known)
            elif name not in held:
                # What was set before a widget was made is there again once it is drawn no more, whatever its
                # reader has chosen in between; and a widget that is made now shows what this run sets.
                is_left_behind = name not in news and value == placed.get(name)
                self.put(name, known if is_left_behind else self[name])
        record.news.pop(self.page, None)
        if self.page not in record.parts:
            self._keep({name: self[name] for name in self.fields})
            record.as_found = record.as_found and not record.parts[self.page]

    def _read(self, query: dict[str, str]) -> None:
        values, self._record.ignored[self.page] = address_query.read(tuple(self.fields.values()), query)
        for name, value in values.items():
            self.put(name, value)
        self._keep(values)


def begin() -> State:
    """Open the app's own values: once a full run, first thing in app.py."""
    record = _record()
    record.run += 1
    context = get_script_run_ctx()
    record.by_history = context is not None and context.is_history_navigation
    record.as_found = record.by_history or record.run == 1
    record.before, record.parts = frozenset(record.parts), {}
    record.browser_language = text.preferred(st.context.locale)
    return open(APP, (LANGUAGE,))


def enter(path: str) -> None:
    """Tell the path of the page that is about to run, as st.navigation chose it."""
    record = _record()
    is_switch = record.path not in (None, path) and not record.by_history
    record.left, record.path = (record.path if is_switch else None), path


def end() -> None:
    """Write what the page has not, and mind the browser's history: once a full run, last thing in app.py."""
    record = _record()
    if record.left is None:
        _write(record)
    else:
        query, record.left_out = address_query.fit(record.parts.values())
        record.opened = {
            "run": record.run, "path": record.path, "left": record.left, "query": urlencode(query)
        }  # fmt: skip
        record.left = None
    address_listener.mount(record.quiet, record.opened)


def open(page: str, fields: Sequence[Field]) -> State:
    """The state of `page`, its values in place: first thing in a page or fragment, before any widget.

    `page` is a short name that nothing else has; a name of `fields` is the name in the URL.
    """
    state = State(page, fields, _record())
    state._arrive()
    return state


def language() -> str:
    """The reader's language, one of `text.LANGUAGES`: the one chosen, else the browser's."""
    return st.session_state.get(f"{APP}.{LANGUAGE.name}") or _record().browser_language


def _record() -> _Record:
    _leave_to_app()
    if RECORD not in st.session_state:
        st.session_state[RECORD] = _Record(text.preferred(st.context.locale))
    record: _Record = st.session_state[RECORD]
    return record


def _leave_to_app() -> None:
    """Start again with app.py where Streamlit runs a page of its own accord, without it.

    It takes a folder named "pages" for an older kind of app until st.navigation is called for the first time,
    so the first visitor of a new server would see a bare page when he came by a link to it.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def _write(record: _Record) -> None:
    context = get_script_run_ctx()
    is_fragment = context is not None and bool(context.fragment_ids_this_run)
    # On the way to another page the browser would write it beside the path that is being left: see `end`.
    is_on_the_way = record.left is not None and not is_fragment
    if record.as_found or is_on_the_way:
        return
    query, record.left_out = address_query.fit(record.parts.values())
    # Both: the browser tells what it showed when it asked, and that may be older than what was written.
    if query != record.written or query != st.query_params.to_dict():
        record.written = query
        st.query_params.from_dict(query)
