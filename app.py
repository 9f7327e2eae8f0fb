"""ConvScope: page setup, language and the only list of pages. Run it with: streamlit run app.py."""

from pathlib import Path

import streamlit as st

from conv_view import address, text
from conv_view.stage import component

ASSETS = Path(__file__).parent / "assets"
SWITCH = "language_switch"


def choose_language(state: address.State) -> None:
    """Show the one language switch, its state the language that is shown."""
    words = text.words(address.language())
    st.session_state[SWITCH] = words.language
    st.segmented_control(
        words["app.language"],
        text.LANGUAGES,
        required=True,
        format_func=lambda code: words[f"app.languages.{code}"],
        key=SWITCH,
        on_change=lambda: state.put("lang", st.session_state[SWITCH]),
        label_visibility="collapsed",
    )


def page(name: str, icon: str, words: text.Words, *, default: bool = False) -> st.Page:
    """One entry of the navigation: pages/<name>.py at /<name>, titled in the reader's language."""
    title = words[f"app.pages.{name}"]
    return st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", url_path=name, default=default)


def navigation(words: text.Words) -> st.Page:
    """Show the list of pages, and return the one that the address names."""
    # Without a group a page is seen at once; groups become menus.
    groups = {
        "": [page("start", "home", words, default=True)],
        words["app.groups.convolution"]: [
            page("conv2d", "grid_on", words),
            page("conv1d", "show_chart", words),
            page("conv3d", "deployed_code", words),
            page("channels", "hub", words),
            page("transposed", "zoom_out_map", words),
        ],
        words["app.groups.windows"]: [
            page("parameters", "straighten", words),
            page("receptive", "center_focus_strong", words),
            page("pooling", "grid_view", words),
        ],
        words["app.groups.layers"]: [
            page("activations", "bolt", words),
        ],
        words["app.groups.engines"]: [
            page("im2col", "view_column", words),
            page("winograd", "percent", words),
            page("fft", "graphic_eq", words),
            page("lockstep", "view_week", words),
            page("race", "timer", words),
        ],
        words["app.groups.backward"]: [
            page("backward", "undo", words),
            page("backward_matrices", "swap_horiz", words),
            page("backward_pooling", "call_split", words),
            page("learn", "model_training", words),
        ],
        words["app.groups.networks"]: [
            page("networks", "account_tree", words),
            page("maps", "grid_view", words),
            page("lenet", "draw", words),
            page("sharing", "join_inner", words),
        ],
    }
    return st.navigation(groups, position="top")


state = address.begin()
words = text.words(address.language())
# Before the navigation, which else takes the page's icon for the tab and has it fetched from another host.
st.set_page_config(page_icon=str(ASSETS / "icon.svg"), layout="wide")
chosen = navigation(words)
st.set_page_config(page_title=words.say("app.page_title", page=chosen.title))
# Inside the header, where the switch takes nothing from the height of the stage; the player has no looks.
corner = st.container(key="corner", horizontal=True)
with corner:
    st.html(ASSETS / "app.css")
    choose_language(state)
    component.load_player()
address.enter(chosen.url_path)
chosen.run()
with corner:
    address.end()
