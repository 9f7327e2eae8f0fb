"""The short training on the page: begun, paused, taken up again, ended, and kept beside the recorded ones."""

from __future__ import annotations

import streamlit as st

from conv_core.nets import KINDS
from conv_view import figures
from conv_view.address import State
from conv_view.controls import measuring
from conv_view.controls.measuring import Kept
from conv_view.controls.sharing import FEW, MOST_FEW, MOST_SEED, MOST_STEPS, STEPS
from conv_view.sharing_facts import COUNTS, Curve, of_run, points, recorded, share
from conv_view.sharing_figures import live
from conv_view.sharing_run import Asked, Point, Run
from conv_view.text import Words
from conv_view.weights import report

PAGE = "sharing"
RUNS = "sharing:runs"  # in the visitor's session: what was trained, the latest last
MOST_RUNS = 8


def runs() -> list[Run]:
    """Return what this session has trained, the latest last."""
    found: list[Run] = st.session_state.setdefault(RUNS, [])
    return found


def running() -> Kept | None:
    """Return the training that is under way, if there is one."""
    return measuring.running(PAGE)


def begin(asked: Asked) -> None:
    """Begin a training; the one before it is left where it is, and one of the same is made anew."""
    measuring.stop()
    kept = [run for run in runs() if run.asked != asked and run.points]
    for run in kept:
        run.end()
    run = Run(asked)
    st.session_state[RUNS] = [*kept, run][-MOST_RUNS:]
    go_on(run)


def go_on(run: Run) -> None:
    """Take up the steps that are left."""
    measuring.start((PAGE, run.asked), run.slices())


def end(run: Run) -> None:
    """Leave a training where it is for good."""
    measuring.stop()
    run.end()


def controls(state: State, words: Words, now: Kept | None) -> None:
    """Show what is to be trained, and the buttons that begin, pause, go on and end."""
    busy = now is not None
    with st.container(key="sharing_train", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            words["sharing.train.kind"],
            KINDS,
            key=state.key("kind"),
            required=True,
            format_func=lambda kind: words[f"sharing.kinds.{kind}"],
            width="content",
        )
        for field, low, high, step in (
            ("few", FEW, MOST_FEW, 10),
            ("steps", STEPS, MOST_STEPS, STEPS),
        ):
            st.slider(words[f"sharing.train.{field}"], low, high, step=step, key=state.key(field), width=150)
        st.number_input(words["sharing.train.seed"], 0, MOST_SEED, step=1, key=state.key("seed"), width=110)
        asked = Asked(state["kind"], state["few"], state["steps"] // STEPS * STEPS, state["seed"])
        last = runs()[-1] if runs() else None
        if busy:
            st.button(
                words["sharing.train.pause"],
                icon=":material/pause:",
                key="sharing_pause",
                on_click=measuring.stop,
            )
        else:
            st.button(
                words["sharing.train.begin"],
                icon=":material/model_training:",
                key="sharing_begin",
                on_click=begin,
                args=(asked,),
                type="primary",
            )
        if last is not None and last.can_go_on:
            if not busy:
                st.button(
                    words["sharing.train.go_on"],
                    icon=":material/play_arrow:",
                    key="sharing_go_on",
                    on_click=go_on,
                    args=(last,),
                )
            st.button(
                words["sharing.train.end"],
                icon=":material/stop_circle:",
                key="sharing_end",
                on_click=end,
                args=(last,),
            )


def chapter(state: State, words: Words, count: int) -> None:
    """Show the controls, the curves as far as they are, and the table they join."""
    now = running()
    st.markdown(words["sharing.train.lead"])
    controls(state, words, now)

    def draw() -> None:
        left, right = st.columns(2, gap="medium")
        with left:
            _progress(words, now)
            _curves(words)
        with right:
            st.markdown(table(words, recorded(count), runs()))

    measuring.watched(now, draw)


def table(words: Words, curves: tuple[Curve, ...], made: list[Run]) -> str:
    """Return the rows of recorded trainings and of those on this page."""
    rows = [(words[f"sharing.kinds.{curve.kind}"], curve) for curve in curves]
    rows += [
        (
            words.say(
                "sharing.table.here", kind=words[f"sharing.kinds.{run.asked.kind}"], seed=run.asked.seed
            ),
            of_run(run),
        )
        for run in made
        if run.points
    ]
    lines = [words["sharing.table.head"], "|---|--:|--:|--:|--:|--:|--:|"]
    for label, curve in rows:
        last = curve.last
        numbers = (f"{curve.digits:,}", f"{last.step:,}", f"{curve.parameters:,}")
        shares = (share(last.training), share(last.held_out), points(last.gap))
        lines.append(f"| {label} | {' | '.join((*numbers, *shares))} |")
    return "\n".join(lines)


def everything(words: Words) -> None:
    """Show all recorded trainings, those on this page, and how they were made."""
    st.markdown(table(words, tuple(curve for count in COUNTS for curve in recorded(count)), runs()))
    how = report("sharing")
    st.markdown(
        words.say("sharing.table.how", optimiser=how["optimiser"], batch=how["batch"], seed=how["seed"])
    )


def _progress(words: Words, now: Kept | None) -> None:
    if not runs():
        st.info(words["sharing.train.empty"], icon=":material/model_training:")
        return
    run = runs()[-1]
    numbers = {"step": run.step, "steps": run.asked.steps}
    if now is not None and now.measurement.ahead:
        text = words.say("sharing.train.waits", ahead=now.measurement.ahead)
    elif now is not None:
        text = words.say("sharing.train.running", **numbers)
    elif run.can_go_on:
        text = words.say("sharing.train.paused", **numbers)
    else:
        st.markdown(_ended(words, run))
        return
    with st.container(key="notice_progress_sharing"):
        st.progress(run.done / run.total, text=text)
    last = measuring.last(PAGE)
    if last is not None and (why := measuring.failed(words, last)):
        st.markdown(f":red[:material/error:] {why}")


def _ended(words: Words, run: Run) -> str:
    last = run.points[-1] if run.points else Point(0, 0.0, 0.0)
    (same,) = (curve for curve in recorded(COUNTS[0]) if curve.kind == run.asked.kind)
    then = next((each.held_out for each in same.points if each.step == last.step), None)
    return words.say(
        "sharing.train.ended",
        kind=words[f"sharing.kinds.{run.asked.kind}"],
        digits=run.asked.digits,
        seed=run.asked.seed,
        step=last.step,
        training=share(last.training),
        held_out=share(last.held_out),
        gap=points(last.gap),
        compared=words.say("sharing.train.compared", held_out=share(then)) if then is not None else "",
    )


def _curves(words: Words) -> None:
    if not runs():
        return
    run = runs()[-1]
    (same,) = (curve for curve in recorded(COUNTS[0]) if curve.kind == run.asked.kind)
    shown = [each for each in same.points if each.step <= run.asked.steps]
    others = [(words.say("sharing.train.recorded", share=share(shown[-1].held_out)), same)]
    for other in runs()[:-1]:
        if other.asked.digits == run.asked.digits and other.points:
            kind = words[f"sharing.kinds.{other.asked.kind}"]
            label = words.say("sharing.train.other", kind=kind, share=share(other.points[-1].held_out))
            others.append((label, of_run(other)))
    st.plotly_chart(
        live(words, of_run(run), run.asked.steps, others, dark=st.context.theme.type == "dark"),
        theme=None,
        key="sharing_live",
        config=figures.CONFIG,
        alt=words["sharing.train.chart"],
    )
