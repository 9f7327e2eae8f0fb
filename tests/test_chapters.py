from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from conv_view.controls.chapters import chapter

    titles = {"en": ["One", "Two", "Three"], "zh": ["一", "二", "三"]}[st.session_state.get("language", "en")]
    st.write(f"open {chapter(titles, 'Chapters', key='here')}")


def opened(app):
    assert not app.exception
    return app.markdown[0].value


def test_the_first_is_open_until_another_is_chosen():
    app = AppTest.from_function(page).run()
    assert opened(app) == "open 0"
    app.segmented_control(key="here").set_value("Three").run()
    assert opened(app) == "open 2"


def test_another_language_leaves_the_same_one_open():
    app = AppTest.from_function(page).run()
    app.segmented_control(key="here").set_value("Two").run()
    app.session_state["language"] = "zh"
    assert opened(app.run()) == "open 1"
    assert app.segmented_control(key="here").value == "二"
