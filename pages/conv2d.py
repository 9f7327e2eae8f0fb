import streamlit as st

from conv_view import address, text

words = text.words(address.language())
st.title(words["app.pages.conv2d"])
