"""ConvScope: page setup, language and the only list of pages. Run it with: streamlit run app.py."""

import streamlit as st

from conv_view import address, text

st.set_page_config(page_title="ConvScope", page_icon=":material/grid_on:", layout="wide")


def choose_language(state: address.State) -> text.Words:
    """Show the one language switch and return the words of the reader's language."""
    key = "language_switch"
    st.session_state[key] = address.language()
    words = text.words(address.language())
    with st.container(key="language"):
        st.segmented_control(
            words["app.language"],
            text.LANGUAGES,
            required=True,
            format_func=lambda code: words[f"app.languages.{code}"],
            key=key,
            on_change=lambda: state.put("lang", st.session_state[key]),
            label_visibility="collapsed",
        )
    return words


def page(name: str, icon: str, words: text.Words, *, default: bool = False) -> st.Page:
    """One entry of the navigation: pages/<name>.py at /<name>, titled in the reader's language."""
    title = words[f"app.pages.{name}"]
    return st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=default)


state = address.begin()
words = choose_language(state)
chosen = st.navigation(
    {
        "": [page("start", ":material/home:", words, default=True)],
        words["app.groups.convolution"]: [
            page("conv2d", ":material/grid_on:", words),
            page("conv1d", ":material/show_chart:", words),
            page("conv3d", ":material/deployed_code:", words),
        ],
    },
    position="top",
)
chosen.run()
state.save()
