"""The start page: what this is, a stage that plays at once, and what is on each page."""

import numpy as np
import streamlit as st

from conv_core import conv_trace, kernel
from conv_view import address, part, samples, text
from conv_view.pictures import to_grey
from conv_view.stage.component import show
from conv_view.stories.convolution import convolution

PAGES = (
    ("conv2d", ":material/grid_on:"),
    ("conv1d", ":material/show_chart:"),
    ("conv3d", ":material/deployed_code:"),
    ("channels", ":material/hub:"),
    ("transposed", ":material/open_in_full:"),
    ("parameters", ":material/straighten:"),
    ("receptive", ":material/center_focus_strong:"),
    ("pooling", ":material/grid_view:"),
    ("activations", ":material/bolt:"),
    ("fft", ":material/graphic_eq:"),
    ("im2col", ":material/view_column:"),
    ("lockstep", ":material/view_week:"),
    ("winograd", ":material/percent:"),
    ("race", ":material/timer:"),
    ("backward", ":material/undo:"),
    ("backward_matrices", ":material/swap_horiz:"),
    ("backward_pooling", ":material/call_split:"),
    ("learn", ":material/model_training:"),
    ("networks", ":material/account_tree:"),
    ("maps", ":material/grid_view:"),
    ("lenet", ":material/draw:"),
    ("sharing", ":material/join_inner:"),
)
IN_A_ROW = 3
PLACE = (0, 0, 0, 6, 4)  # the act, then the step's group, filter, row and column: where the cat's ear begins


@st.fragment
def live(words: text.Words) -> None:
    """Show a convolution that plays by itself."""
    small = part.take(to_grey(samples.picture("cat")), "w32").pixels
    trace = conv_trace(
        small[None, None].astype(np.float32),
        kernel("sobel_x")[None, None],
        padding=1,
        padding_mode="replicate",
    )
    scene = convolution(trace, words, edit_kernel=False)
    show(scene, key="start", cell=PLACE, autoplay=True, loop=True, speed=8)


words = text.words(address.language())
st.markdown(f"## {words['start.title']}")
st.markdown(words["start.lead"])
live(words)
columns = [column for _ in range(0, len(PAGES), IN_A_ROW) for column in st.columns(IN_A_ROW, gap="medium")]
for column, (name, icon) in zip(columns, PAGES, strict=False):
    with column.container(border=True, height="stretch"):
        st.page_link(f"pages/{name}.py", label=f"**{words[f'app.pages.{name}']}**", icon=icon)
        st.markdown(words[f"start.pages.{name}"])
st.markdown(words["start.hints"])
