"""Four engines in lockstep: one input, one step, and the same number by four ways."""

import streamlit as st

from conv_view import address, text
from conv_view.controls import chapters, lockstep_lessons, notices, pictures
from conv_view.controls import lockstep as controls
from conv_view.controls.bands import Band
from conv_view.controls.last_good import last_good
from conv_view.stage.component import news, show
from conv_view.stories.lockstep import lockstep

GOOD = "lockstep:good"  # in the visitor's session: what was last computed without a fault
FIELDS = (*controls.fields(), chapters.field(*lockstep_lessons.CHAPTERS))


@st.fragment
def page() -> None:
    words = text.words(address.language())
    state = address.open("lockstep", FIELDS)
    controls.take_news(state, news("lockstep"))
    band = Band()
    chosen = pictures.current(state)
    shown, error, kept = last_good(
        GOOD,
        lambda: controls.computed(state, chosen),
        lambda: controls.usual(state, chosen),
        "notices.usual.lockstep",
    )
    state.save()
    ways = shown.ways
    band.fill(lambda: controls.band(state, words, chosen))
    # The verdict stands above the stage, where it is seen with it.
    verdict = controls.verdict(words, ways)
    notices.line(words, state, verdict, *notices.faults_of(error), chosen.fault, kept=kept)
    scene = lockstep(
        ways,
        words,
        headings=controls.headings(words, ways),
        told=controls.said(words, ways),
        refused=controls.refusal(words, ways),
        paint=shown.chosen.name == pictures.PAINTED,
    )
    show(scene, key="lockstep", cell=state["cell"])
    band.after_stage()
    controls.links(state, words)
    lockstep_lessons.chapters(words, state, ways)


page()
