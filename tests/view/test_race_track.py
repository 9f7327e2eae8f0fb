"""One measurement at a time, in order, and none that nobody waits for."""

from threading import Event
from weakref import ref

from conv_view import race_track
from conv_view.race_track import Race, Track

SECONDS = 20


def until(event: Event):
    def task(stopped):
        assert event.wait(SECONDS)
        return "done"

    return task


def test_the_second_waits_for_the_first():
    track, gate, order = Track(), Event(), []
    first = Race([("a", until(gate))], track=track)
    second = Race([("b", lambda stopped: order.append("b") or 1)], track=track)
    first.start()
    while not first.running:
        pass
    second.start()
    while second.ahead != 1:
        pass
    assert not second.running
    assert first.current == "a"
    assert order == []
    gate.set()
    finish(first, second)
    assert first.results == {"a": "done"}
    assert second.results == {"b": 1}


def finish(*races: Race) -> None:
    stopper = Event()
    for race in races:
        for _ in range(SECONDS * 100):
            if race.finished:
                break
            stopper.wait(0.01)
        assert race.finished


def test_a_stop_ends_it_before_the_next_task_and_keeps_what_there_is():
    race = Race(
        [("a", lambda stopped: 1), ("b", lambda stopped: race.stop()), ("c", lambda stopped: 3)],
        track=Track(),
    )
    race.work()
    assert race.results == {"a": 1}
    assert race.stopped
    assert race.finished
    assert race.done == 1


def test_one_that_waits_can_be_stopped():
    track, gate = Track(), Event()
    first, second = Race([("a", until(gate))], track=track), Race([("b", until(gate))], track=track)
    first.start()
    while not first.running:
        pass
    second.stop()
    second.work()
    assert second.finished
    assert second.results == {}
    gate.set()
    finish(first)


def test_a_race_that_nobody_looks_at_ends(monkeypatch):
    monkeypatch.setattr(race_track, "PATIENCE", -1.0)
    race = Race([("a", lambda stopped: 1)], track=Track())
    race.work()
    assert race.finished
    assert race.results == {}


def test_what_the_tasks_held_is_let_go():
    class Large:
        pass

    large = Large()
    held = ref(large)
    race = Race([("a", lambda stopped, kept=large: 1)], track=Track())
    del large
    assert held() is not None
    race.work()
    assert held() is None
    assert len(race.tasks) == 1


def test_a_failure_is_kept_and_frees_the_track():
    def fails(stopped):
        raise MemoryError

    track = Track()
    race = Race([("a", fails)], track=track)
    race.work()
    assert isinstance(race.failure, MemoryError)
    after = Race([("b", lambda stopped: 2)], track=track)
    after.work()
    assert after.results == {"b": 2}
