"""What a link can say: every value comes back from its text, nonsense never raises, the session remembers."""

from urllib.parse import parse_qs, quote, urlencode

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from conv_view import address_query
from conv_view.address import LANGUAGE, Choice, Flag, Int, Ints, Number, Numbers, Text
from conv_view.address_query import LONGEST
from conv_view.painted import GridField
from conv_view.stack_text import StackField
from conv_view.text import LANGUAGES, words

FIELDS = (
    Int("stride", 1, low=1, high=8),
    Number("sigma", 1.0, low=0.1, high=8.0),
    Flag("flip"),
    Choice("mode", "zeros", ("zeros", "reflect")),
    Text("note", longest=20),
    Ints("at", (0, 0), low=-5, high=99, length=2),
    Numbers("cells", (0.0, 1.0), longest=147),
)
FIELD = {field.name: field for field in FIELDS}
VALUES = {
    "stride": st.integers(1, 8),
    "sigma": st.floats(0.1, 8.0),
    "flip": st.booleans(),
    "mode": st.sampled_from(["zeros", "reflect"]),
    "note": st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
    "at": st.tuples(st.integers(-5, 99), st.integers(-5, 99)),
    "cells": st.lists(st.floats(-1e9, 1e9, width=32), min_size=1, max_size=147).map(tuple),
}


def through_a_url(query):
    """Write a query into a URL and take it out again, as a browser does."""
    return {name: texts[-1] for name, texts in parse_qs(urlencode(query), keep_blank_values=True).items()}


@given(st.fixed_dictionaries(VALUES))
def test_every_value_comes_back_exactly(values):
    query = through_a_url(address_query.write(FIELDS, values))
    assert address_query.read(FIELDS, query) == (values, [])


@given(st.fixed_dictionaries(VALUES))
def test_a_value_that_is_its_default_is_not_written(values):
    written = address_query.write(FIELDS, values)
    assert set(written) == {name for name, value in values.items() if value != FIELD[name].default}


def test_cells_come_back_as_the_same_float32():
    random = np.random.default_rng(0)
    cells = (random.standard_normal(147) * 10.0 ** random.integers(-30, 8, 147)).astype(np.float32)
    back = FIELD["cells"].read(FIELD["cells"].write(FIELD["cells"].tidy(cells)))
    assert np.array_equal(np.array(back, np.float32), cells)


@given(st.text() | st.text("0123456789_~.-e+"), st.sampled_from(FIELDS))
@example("0~999999999", FIELD["cells"])
@example("0~999999999", FIELD["at"])
@example("1~-5", FIELD["at"])
@example("1e99", FIELD["sigma"])
@example("nan", FIELD["cells"])
@example("1_" * 10**5, FIELD["cells"])
@example("٣", FIELD["stride"])
@example("1\n", FIELD["stride"])
def test_nonsense_becomes_the_default_and_is_named(text, field):
    values, nonsense = address_query.read([field], {field.name: text})
    value = values[field.name]
    assert value == field.tidy(value)
    if nonsense:
        assert (value, nonsense) == (field.default, [(field.name, text, field.takes())])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[("stride", "0"), ("stride", "9"), ("stride", "banana"), ("stride", ""), ("stride", "1.0")],
        *[("sigma", "9"), ("sigma", "inf"), ("flip", "true"), ("mode", "Zeros"), ("note", "x" * 21)],
        *[("at", "1"), ("at", "1_2_3"), ("at", "1_100"), ("at", ""), ("cells", "1__2"), ("cells", "1e10")],
    ],
)
def test_what_write_would_not_write_is_nonsense(name, text):
    assert address_query.read([FIELD[name]], {name: text})[1] == [(name, text, FIELD[name].takes())]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "field", [*FIELDS, GridField("grid"), StackField("stack", "c3")], ids=lambda f: f.name
)
def test_what_a_link_may_say_can_be_said(language, field):
    kind, numbers = field.takes()
    assert words(language).say(f"notices.takes.{kind}", **numbers)


SHAPED = (
    Numbers("cells", (1.0,), longest=9, goes_with="shape"),
    Ints("shape", (1, 1), 1, 3, shortest=2, longest=3),
)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"cells": "1_2_3_4", "shape": "2_2"}, []),
        ({}, []),
        ({"cells": "1_2_3", "shape": "2_2"}, ["cells"]),
        ({"cells": "1_2_3"}, ["cells"]),
        ({"shape": "2_2"}, ["cells"]),
        # One sentence is enough of two that belong together.
        ({"cells": "1_2_3_4", "shape": "4"}, ["shape"]),
        ({"cells": "nan", "shape": "2_2"}, ["cells"]),
    ],
)
def test_a_row_and_its_shape_stand_and_fall_together(query, named):
    values, nonsense = address_query.read(SHAPED, query)
    assert [each.name for each in nonsense] == named
    assert values == (
        {"cells": (1.0,), "shape": (1, 1)} if named or not query else {"cells": (1, 2, 3, 4), "shape": (2, 2)}
    )


@pytest.mark.parametrize(
    ("text", "known"), [("EQD_AH8", True), ("", True), ("!!!", False), ("EQD_AH", False)]
)
def test_a_grid_in_a_link_can_be_decoded(text, known):
    assert (address_query.read([GridField("grid")], {"grid": text})[1] == []) is known


@pytest.mark.parametrize(
    ("name", "held", "tidy"),
    [
        ("stride", None, 1),
        ("stride", 99, 8),
        ("stride", float("nan"), 1),
        ("stride", float("inf"), 1),
        ("sigma", "x", 1.0),
        ("sigma", 0, 0.1),
        ("flip", None, False),
        ("mode", None, "zeros"),
        ("mode", ["zeros"], "zeros"),
        ("note", None, ""),
        ("note", "a\0b\ud800", "a b "),
        ("at", [100, -100], (99, -5)),
        ("at", [1], (0, 0)),
        ("at", 7, (0, 0)),
        ("cells", [], (0.0, 1.0)),
        ("cells", [1, float("nan")], (0.0, 1.0)),
        ("cells", [0.1], (float(np.float32(0.1)),)),
    ],
)
def test_whatever_a_session_holds_is_made_legal(name, held, tidy):
    assert FIELD[name].tidy(held) == tidy


def test_the_largest_kernel_fits_into_a_link():
    cells = tuple(-1.2345678e-30 * (1 + cell / 147) for cell in range(147))
    written = address_query.write(FIELDS, {**{f.name: f.default for f in FIELDS}, "cells": cells})
    query, left_out = address_query.fit([written])
    assert left_out == ()
    assert len(urlencode(query)) < LONGEST


def test_a_link_that_is_too_long_leaves_out_the_longest():
    query, left_out = address_query.fit([{"a": "界" * 700, "b": "1"}, {"c": "x" * 5990}])
    assert (query, left_out) == ({"b": "1", "c": "x" * 5990}, ("a",))


def test_kernel_cells_are_not_escaped_in_a_url():
    text = FIELD["cells"].write((-1.0, 1e20, 2.5, 2.5, 2.5))
    assert quote(text) == text == "-1_1e20_2.5~3"


def test_streamlit_still_tells_back_from_other_reruns():
    # Not part of its public interface, so a new version may lose it; the registry depends on it.
    assert ScriptRunContext.__dataclass_fields__["is_history_navigation"].type == "bool"


# In a session


def page():
    import streamlit as st

    from conv_view import address

    fields = (
        address.Int("stride", 1, low=1, high=8),
        address.Int("limit", 5, low=1, high=9),
        address.Int("place", 0, low=0, high=9),
        address.Choice("mode", "zeros", ("zeros", "reflect")),
        address.Numbers("cells", (0.0,)),
        address.Text("note"),
        address.Int("step", 0, low=0, high=99, quiet=True),
    )
    if not st.session_state.get("elsewhere"):
        state = address.open("page", fields)
        st.slider("Stride", 1, 8, key=state.key("stride"))
        st.slider("Limit", 1, 9, key=state.key("limit"))
        state.within("place", 0, state["limit"])
        st.slider("Place", 0, state["limit"], key=state.key("place"))
        if state["stride"] < 4:
            st.segmented_control("Mode", ("zeros", "reflect"), key=state.key("mode"))
        if st.button("Cells"):
            state.put("cells", [1, 0.5, 1])
        if st.button("Long"):
            state.put("cells", [1.2345678e-30 * cell for cell in range(147)])
            state.put("note", "界" * 300)
        st.json({name: state[name] for name in state.fields})
        st.text(",".join(name for name, *_ in state.ignored))
        state.save()
    st.toggle("Elsewhere", key="elsewhere")


@pytest.fixture
def app():
    return AppTest.from_function(page)


def seen(app):
    import json

    assert not app.exception
    return json.loads(app.json[0].value)


def test_defaults_are_not_in_the_url(app):
    assert seen(app.run())["stride"] == 1
    assert app.query_params == {}


def test_a_change_is_in_the_url_and_a_change_back_is_not(app):
    app.run().slider(key="page.stride").set_value(3).run()
    assert app.query_params == {"stride": "3"}
    app.slider(key="page.stride").set_value(1).run()
    assert app.query_params == {}


def test_a_link_restores_widgets_and_what_no_widget_holds(app):
    app.query_params.update({"stride": "2", "mode": "reflect", "cells": "1_0.5_1", "step": "7"})
    values = seen(app.run())
    assert (values["stride"], values["mode"], values["cells"], values["step"]) == (
        2,
        "reflect",
        [1, 0.5, 1],
        7,
    )
    assert app.slider(key="page.stride").value == 2


def test_nonsense_is_named_until_something_changes(app):
    app.query_params.update({"stride": "banana", "mode": "reflect", "utm_source": "mail"})
    values = seen(app.run())
    assert (values["stride"], values["mode"], app.text[0].value) == (1, "reflect", "stride")
    app.slider(key="page.limit").set_value(6).run()
    app.run()
    assert app.text[0].value == ""
    assert app.query_params == {"mode": "reflect", "limit": "6"}


def test_values_survive_their_widgets(app):
    app.run()
    app.slider(key="page.stride").set_value(3).run()
    app.button[0].click().run()
    app.toggle(key="elsewhere").set_value(True).run()
    app.run()
    app.toggle(key="elsewhere").set_value(False).run()
    values = seen(app)
    assert (values["stride"], values["cells"]) == (3, [1, 0.5, 1])
    assert app.slider(key="page.stride").value == 3


def test_a_widget_that_comes_and_goes_keeps_its_value(app):
    app.query_params["mode"] = "reflect"
    app.run()
    app.slider(key="page.stride").set_value(5).run()
    app.run()
    app.slider(key="page.stride").set_value(2).run()
    assert seen(app)["mode"] == "reflect"
    assert app.button_group[0].value == "reflect"
    # The browser is told too: for it the widget is a new one, on which nothing is chosen.
    assert app.button_group[0].proto.set_value


def test_a_cleared_choice_is_the_default(app):
    app.query_params["mode"] = "reflect"
    app.run()
    app.button_group[0].set_value(None).run()
    assert seen(app)["mode"] == "zeros"


def test_a_word_of_a_menu_in_the_other_language_leaves_the_choice_as_it_was(app):
    app.query_params["mode"] = "reflect"
    app.run()
    app.session_state["page.mode"] = "反射"
    app.run()
    assert seen(app)["mode"] == "reflect"
    assert app.query_params == {"mode": "reflect"}


def test_limits_that_move_take_the_value_along(app):
    app.query_params.update({"limit": "8", "place": "7"})
    assert seen(app.run())["place"] == 7
    app.slider(key="page.limit").set_value(3).run()
    assert seen(app)["place"] == 3
    app.slider(key="page.limit").set_value(9).run()
    assert seen(app)["place"] == 3
    assert app.slider(key="page.place").value == 3


def test_what_is_too_long_is_left_out_of_the_url_but_kept(app):
    app.run()
    app.slider(key="page.stride").set_value(2).run()
    app.button[1].click().run()
    assert seen(app)["note"] == "界" * 300
    assert app.query_params["stride"] == "2"
    assert len(urlencode(app.query_params)) <= LONGEST


def test_a_language_in_a_link_is_a_choice_and_none_is_the_browsers():
    assert LANGUAGE.default == ""
    assert address_query.read([LANGUAGE], {"lang": "tlh"}) == (
        {"lang": ""},
        [("lang", "tlh", ("options", {"options": "en, zh"}))],
    )


def test_opening_and_saving_cost_next_to_nothing():
    # 25 fields, among them a kernel of 147 cells and a grid of 256, as on the largest page.
    def app():
        import time

        import streamlit as st

        from conv_view import address

        fields = (
            *(address.Int(f"int{number}", 0, low=0, high=9) for number in range(23)),
            address.Numbers("cells", (0.0,)),
            address.Ints("grid", (0,) * 256, low=0, high=255, length=256),
        )
        address.open("page", fields).put("cells", [0.1 * cell for cell in range(147)])
        st.session_state.setdefault("times", [])
        start = time.perf_counter()
        address.open("page", fields).save()
        st.session_state["times"].append(time.perf_counter() - start)

    test = AppTest.from_function(app).run()
    for _ in range(20):
        test.run()
    assert not test.exception
    assert sorted(test.session_state["times"])[5] < 0.002
