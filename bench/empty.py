"""The yardstick: an empty Streamlit app with one slider, and the text that the slider changes."""

import streamlit as st

st.title("Empty")
value = st.slider("Value", 1, 100, 1)
st.text(f"The value is {value}")
