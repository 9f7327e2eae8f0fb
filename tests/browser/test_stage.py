"""The player in a real browser: time, keys, drawing, sizes, themes; no app around it."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import stage_scenes as scenes
from tests.browser.contrast import contrast
from tests.browser.stages import KEY, stage_fixture

PALETTE = json.loads(
    (Path(__file__).parents[2] / "conv_view" / "stage" / "palette.json").read_text(encoding="utf-8")
)
stage = stage_fixture()
still_stage = stage_fixture(reduced_motion="reduce")
chinese_stage = stage_fixture(locale="zh-CN", color_scheme="dark")
dark_stage = stage_fixture(color_scheme="dark")
phone_stage = stage_fixture(viewport=(390, 844), touch=True)


# ---- time


def test_it_plays_and_pauses_and_tells_python_only_then(stage):
    shown = stage(scenes.plain(), speed=16)
    assert (shown.step, shown.is_playing) == (0, False)
    shown.button("play")
    shown.until(playing=True)
    shown.wait("player.step >= 3")
    assert shown.sent("view") == []
    shown.button("pause")
    shown.until(playing=False)
    step = shown.step
    shown.wait("convscope.sent.length > 0")
    assert shown.step == step
    assert shown.sent("view") == [{"cell": [0, 0, 0, *divmod(step, 7)]}]


def test_it_plays_to_the_end_and_then_from_the_beginning(stage):
    shown = stage(scenes.plain(), speed=1000)
    shown.button("play")
    shown.until(step=41, playing=False)
    shown.page.locator(".transport select").first.select_option("4")
    shown.button("play")
    shown.until(playing=True)
    assert shown.step < 5


def test_it_glides_past_what_the_act_has_nothing_to_do_with(stage):
    shown = stage(scenes.activated(), speed=8)
    shown.button("play")
    shown.wait("player.step >= 3")
    shown.js("player.seek(42)")
    shown.button("play")
    shown.wait("player.step >= 45")


def test_it_begins_again_where_it_is_to_loop(stage):
    shown = stage(scenes.typed((1, 2), (1, 2, 3, 4)), speed=64, loop=True, autoplay=True)
    shown.wait("player.drawn > 12")
    assert shown.is_playing


def test_buttons_step_jump_and_scrub(stage):
    shown = stage(scenes.plain())
    for act, step in (
        ("forward", 1),
        ("forward", 2),
        ("back", 1),
        ("last", 41),
        ("forward", 41),
        ("first", 0),
    ):
        shown.button(act)
        shown.until(step=step)
    shown.button("back")
    shown.until(step=0)
    shown.page.locator(".transport input[data-word='player.seek']").fill("17")
    shown.until(step=17)
    assert shown.page.locator(".transport .count").inner_text() == "18 / 42"
    assert "18" in shown.sentence
    assert "42" in shown.sentence


def test_keys_do_the_same_while_the_stage_has_the_focus(stage):
    shown = stage(scenes.plain(), speed=1000)
    shown.press("End")
    assert shown.step == 0
    shown.focus()
    for key, step in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("ArrowDown", 8),
        ("ArrowUp", 1),
        ("End", 41),
        ("Home", 0),
    ):
        shown.press(key)
        assert shown.step == step, key
    shown.press("Space")
    shown.until(step=41, playing=False)


def test_keys_of_the_page_around_do_not_hear_what_the_stage_handles(stage):
    shown = stage(scenes.plain())
    shown.page.evaluate(
        "document.body.addEventListener('keydown', (e) => (globalThis.leaked ??= []).push(e.key))"
    )
    shown.focus()
    shown.press("ArrowRight", "c", "r", "m", "Space", "Space")
    assert shown.page.evaluate("globalThis.leaked ?? []") == []


@pytest.mark.parametrize("key", ["m", "M"])
def test_one_level_deeper_a_step_is_one_product(stage, key):
    shown = stage(scenes.plain())
    shown.focus()
    shown.press("ArrowRight", key)
    assert (shown.step, shown.data("term")) == (1, "0")
    assert shown.page.locator(".transport .count").inner_text() == "10 / 378"
    shown.press("ArrowRight", "ArrowRight")
    assert (shown.step, shown.data("term")) == (1, "2")
    note = shown.sum["note"]
    assert "3" in note
    assert "9" in note
    shown.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert (shown.step, shown.data("term")) == (0, "8")
    shown.press("End")
    assert (shown.step, shown.data("term")) == (41, "8")
    shown.press(key)
    assert (shown.step, shown.data("term")) == (41, "")


def test_a_product_and_the_sum_so_far_are_told(stage):
    scene = scenes.plain()
    shown = stage(scene)
    x = shown.header["panels"]["input"]["values"][0]
    shown.focus()
    shown.press("End", "Home", "ArrowDown", "ArrowRight", "m", "ArrowRight", "ArrowRight", "ArrowRight")
    products = (x[0:3, 0:3] * scenes.SOBEL).ravel()
    note = shown.sum["note"].replace("−", "-")
    assert f"{products[3]:g}," in note
    assert f"{products[:4].sum():g}." in note


def test_the_speed_can_be_chosen_and_is_kept(stage):
    shown = stage(scenes.plain(), speed=4)
    speed = shown.page.locator(".transport select").first
    assert speed.input_value() == "4"
    speed.select_option("250")
    shown.focus()
    shown.press(",")
    assert speed.input_value() == "64"
    shown.mount(scenes.plain("zh"), revision=0)
    assert speed.input_value() == "64"


def test_reduced_motion_neither_starts_by_itself_nor_glides(still_stage):
    shown = still_stage(scenes.plain(), autoplay=True, speed=4)
    shown.frames(4)
    assert not shown.is_playing
    shown.button("play")
    shown.until(playing=True)
    glides = shown.page.evaluate(
        f"""() => new Promise((done) => {{
            const player = convscope.stages.get("{KEY}");
            const seen = [];
            const look = () => {{
                seen.push(Boolean(player.view.glide));
                if (player.step >= 2) done(seen); else requestAnimationFrame(look);
            }};
            look();
        }})"""
    )
    assert not any(glides)


def test_it_glides_when_slow_and_jumps_when_fast(stage):
    shown = stage(scenes.plain(), autoplay=True, speed=4)
    shown.wait("player.view.glide !== null")
    assert 0 < shown.js("return player.view.glide?.share ?? 0.5") < 1
    shown.page.locator(".transport select").first.select_option("16")
    shown.frames()
    step = shown.step
    assert shown.js("return player.view.glide") is None
    shown.wait(f"player.step > {step + 2} || !player.playing")


# ---- drawing


def test_nothing_is_drawn_while_nothing_changes(stage):
    shown = stage(scenes.plain(), speed=32)
    shown.frames(6)
    drawn = shown.js("return player.drawn")
    shown.frames(20)
    assert shown.js("return player.drawn") == drawn
    shown.button("play")
    shown.wait("player.step > 2")
    shown.button("pause")
    shown.leave()
    shown.frames(6)
    drawn = shown.js("return player.drawn")
    shown.frames(20)
    assert shown.js("return player.drawn") == drawn


@pytest.mark.parametrize(
    "scene", [scenes.plain, scenes.mirrored, scenes.volume, scenes.signal, scenes.picture]
)
@pytest.mark.parametrize("level", ["output", "term"])
def test_a_frame_depends_on_the_time_alone(stage, scene, level):
    shown = stage(scene(), speed=64)
    if level == "term":
        shown.focus()
        shown.press("m")
    shown.js("player.seek(37)")
    shown.frames()
    before = shown.pixels()
    shown.js("player.seek(5)")
    shown.frames()
    assert shown.pixels() != before
    shown.js("player.play()")
    shown.wait("player.tick > 9")
    shown.js("player.pause(); player.seek(37)")
    shown.frames()
    assert shown.pixels() == before


def test_numbers_appear_when_there_is_room_for_them(stage):
    shown = stage(scenes.picture(), spy=True)
    # One row of the kernel's weights is written in any case; of the picture's 4096 values none.
    assert shown.page.evaluate("new Set(drawnTexts).size") < 40
    shown.focus()
    shown.press("+", "+", "+", "+", "+")
    shown.page.evaluate("drawnTexts.length = 0")
    shown.press("ArrowRight")
    texts = shown.page.evaluate("drawnTexts")
    x = shown.header["panels"]["input"]["values"][0]
    for value in x[0:3, 1:4].ravel():
        assert f"{value:g}" in texts
    assert len(texts) > 60
    for _ in range(5):
        shown.press("-")
    shown.page.evaluate("drawnTexts.length = 0")
    shown.press("ArrowRight")
    assert len(shown.page.evaluate("drawnTexts")) < 60


def test_control_and_wheel_zoom_where_the_pointer_is(stage):
    shown = stage(scenes.picture())
    shown.hover("input", (0, 40, 50))
    shown.page.keyboard.down("Control")
    shown.page.mouse.wheel(0, -300)
    shown.page.keyboard.up("Control")
    shown.wait("player.zoom > 2")
    shown.frames()
    box = shown.js("return player.boxOf('input', [0, 40, 50])")
    x, y = shown.where("input", (0, 40, 50))
    assert shown.js("return player.at(given)?.cell", {"clientX": x, "clientY": y}) == [0, 40, 50]
    assert box["width"] > 8
    shown.page.mouse.wheel(0, 10)
    shown.frames()
    zoom = shown.js("return player.zoom")
    shown.page.mouse.wheel(0, 300)
    shown.frames()
    assert shown.js("return player.zoom") == zoom


def test_every_outline_has_a_casing_that_stands_out_from_it(stage):
    shown = stage(scenes.mirrored(), spy=True)
    shown.hover("input", (0, -1, 0))
    shown.hover("kernel", (1, 0, 1, 1))
    shown.hover("output", (1, 1, 2))
    roles = {colour.lower() for colour in PALETTE["roles"].values()}
    rects = shown.page.evaluate("drawnRects")
    cased = 0
    for (under, outer, where), (colour, line, place) in pairwise(rects):
        if where == place and outer == line + 2 and colour in roles:
            rgb = [[int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in (under, colour)]
            assert contrast(*rgb) >= 3, (under, colour)
            cased += 1
    assert cased > 20
    # Bold outlines come in no other way.
    assert sum(colour in roles and line >= 1.5 for colour, line, _ in rects) == cased


@pytest.mark.parametrize("role", sorted(PALETTE["roles"]))
def test_every_role_has_a_casing_of_three_to_one(role):
    colour = [int(PALETTE["roles"][role][at : at + 2], 16) for at in (1, 3, 5)]
    assert max(contrast(colour, [255, 255, 255]), contrast(colour, [11, 13, 16])) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_counts_go_from_the_paper_to_one_hue_and_their_numbers_can_be_read(request, scheme):
    shown = request.getfixturevalue({"light": "stage", "dark": "dark_stage"}[scheme])(scenes.counted())
    shown.page.evaluate("""() => {
        globalThis.inks = {};
        const text = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (...given) {
            inks[given[0]] ??= this.fillStyle; // the scale below comes later
            return text.apply(this, given);
        };
    }""")
    shown.mount(scenes.counted())
    fills = [
        shown.js(
            """const box = player.boxOf('counts', [0, given]);
            const ratio = player.ratio;
            return [...player.context.getImageData((box.x + 3) * ratio, (box.y + 3) * ratio, 1, 1).data];""",
            col,
        )[:3]
        for col in range(9)
    ]
    paper = PALETTE["diverging"][scheme][1]
    assert fills[0] == [int(paper[at : at + 2], 16) for at in (1, 3, 5)]
    away = [contrast(fill, fills[0]) for fill in fills]
    assert away == sorted(away)
    assert away[-1] > 7
    assert all(right > left for left, right in pairwise(away))
    inks = shown.page.evaluate("inks")
    for value, fill in enumerate(fills):
        ink = [int(inks[str(value)][at : at + 2], 16) for at in (1, 3, 5)]
        assert contrast(ink, fill) >= 4.5, value


def test_a_theme_change_keeps_the_step_and_repaints(stage):
    scene = scenes.plain()
    shown = stage(scene)
    shown.js("player.seek(20)")
    shown.frames()
    light = shown.pixels()
    shown.page.emulate_media(color_scheme="dark")
    shown.mount(scene)
    assert shown.step == 20
    dark = shown.pixels()
    assert dark != light
    assert shown.js("return player.theme.dark")
    shown.page.emulate_media(color_scheme="light")
    shown.mount(scene)
    assert (shown.step, shown.pixels()) == (20, light)


def test_a_theme_of_the_page_around_is_followed_while_it_plays(stage):
    scene = scenes.plain()
    shown = stage(scene, speed=16)
    shown.button("play")
    shown.wait("player.step > 1")
    shown.page.evaluate("document.documentElement.style.setProperty('--st-background-color', '#101010')")
    shown.mount(scene)
    assert shown.js("return player.theme.dark")
    assert shown.is_playing
    assert shown.step > 1


# ---- sizes


def test_a_new_size_keeps_the_step(stage):
    shown = stage(scenes.plain())
    shown.js("player.seek(20)")
    for width in (900, 500, 1280):
        shown.page.set_viewport_size({"width": width, "height": 800})
        shown.wait(f"player.width === {width - 32}")
        shown.frames()
        assert shown.step == 20
        assert (
            shown.js("return [player.canvas.clientWidth, player.canvas.width / devicePixelRatio]")
            == [width - 32] * 2
        )
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shown.hover("output", (0, 3, 3))
        assert (0, 3, 3) in shown.lit("output")
        shown.leave()


def test_a_closed_tab_is_waited_out(stage):
    shown = stage(scenes.plain())
    shown.js("player.seek(20)")
    shown.frames()
    before = shown.pixels()
    shown.page.evaluate("document.getElementById('stage').style.display = 'none'")
    shown.frames()
    drawn = shown.js("return player.drawn")
    shown.mount(scenes.plain())
    shown.page.evaluate("document.getElementById('stage').style.display = ''")
    shown.wait(f"player.drawn > {drawn}")
    shown.frames()
    assert (shown.step, shown.pixels()) == (20, before)


def test_it_can_be_mounted_where_there_is_no_room_yet(stage):
    shown = stage(scenes.plain())
    shown.page.evaluate(
        """() => {
            const player = convscope.stages.get("k");
            const root = document.createElement("div");
            root.id = "second";
            root.style.display = "none";
            document.body.append(root);
            const whole = new Uint8Array(player.bytes.length + 1);
            whole.set(player.bytes, 1);
            convscope.mount(root, whole.subarray(1), () => {});
        }"""
    )
    shown.frames()
    assert shown.js("return player.drawn") == 0
    shown.page.evaluate("document.getElementById('second').style.display = ''")
    shown.wait("player.drawn > 0")


def test_mounting_again_after_unmounting_leaves_one_stage_and_the_step(stage):
    scene = scenes.plain()
    shown = stage(scene)
    shown.js("player.seek(9)")
    shown.page.evaluate("convscope.unmount(document.getElementById('stage'))")
    shown.mount(scene)
    assert shown.page.locator(".stage").count() == 1
    assert shown.step == 9


def test_a_phone_shows_all_of_it_and_a_tap_pins(phone_stage):
    shown = phone_stage(scenes.plain())
    assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    x, y = shown.where("output", (0, 4, 4))
    shown.page.touchscreen.tap(x, y)
    shown.until(pinned=True, step=32)
    assert (0, 4, 4) in shown.lit("output")
    x, y = shown.where("input", (0, 2, 2))
    shown.page.touchscreen.tap(x, y)
    shown.frames()
    assert shown.data("pinned") == "true"
    assert shown.lit("output") == {(0, row, col) for row in (1, 2, 3) for col in (1, 2, 3)}
    shown.page.touchscreen.tap(x, y)
    shown.until(pinned=False)


# ---- whom it speaks to


def test_a_screen_reader_is_told(stage):
    shown = stage(scenes.plain())
    label = shown.canvas.get_attribute("aria-label")
    assert label.startswith("Convolution, step by step")
    assert shown.canvas.get_attribute("tabindex") == "0"
    assert shown.canvas.get_attribute("role")
    for control in shown.page.locator(".transport button, .transport select, .transport input").all():
        assert control.get_attribute("aria-label")
    spoken = shown.page.locator("[aria-live=polite]")
    shown.focus()
    shown.press("ArrowRight")
    expect(spoken).to_contain_text("Step 2 of 42")
    expect(spoken).to_contain_text(shown.sum["result"])
    assert (
        shown.page.locator(".transport input[data-word='player.seek']").get_attribute("aria-valuetext")
        == "2 / 42"
    )


def test_it_speaks_the_readers_language(chinese_stage):
    shown = chinese_stage(scenes.plain("zh"))
    assert shown.canvas.get_attribute("aria-label").startswith(shown.header["label"])
    assert "Step" not in shown.sentence
    assert "1" in shown.sentence
    assert shown.js("return player.theme.dark")


def test_everything_can_be_reached_with_the_tab_key(stage):
    shown = stage(scenes.plain())
    seen = []
    name_of = "(({ dataset, type, tagName }) => dataset.act ?? type ?? tagName)(document.activeElement)"
    for _ in range(12):
        shown.page.keyboard.press("Tab")
        seen.append(shown.page.evaluate(name_of))
    for name in ("CANVAS", "first", "back", "play", "forward", "last", "range", "select-one", "plus"):
        assert name in seen


def test_a_scene_plays_inside_a_notebook_too(stage):
    shown = stage(scenes.plain())
    shown.page.set_content(scenes.plain()._repr_html_())
    inside = shown.page.frame_locator("iframe")
    expect(inside.locator(".stage")).to_have_attribute("data-steps", "42")
    inside.locator(".transport [data-act=forward]").click()
    expect(inside.locator(".stage")).to_have_attribute("data-step", "1")
