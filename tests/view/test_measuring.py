"""One measurement at a time, in order, and none that nobody waits for."""

from threading import Event
from weakref import ref

from conv_view import measuring
from conv_view.measuring import Measurement, Queue

SECONDS = 20


def until(event: Event):
    def task(stopped):
        assert event.wait(SECONDS)
        return "done"

    return task


def test_the_second_waits_for_the_first():
    queue, gate, order = Queue(), Event(), []
    first = Measurement([("a", until(gate))], queue=queue)
    second = Measurement([("b", lambda stopped: order.append("b") or 1)], queue=queue)
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


def finish(*several: Measurement) -> None:
    stopper = Event()
    for one in several:
        for _ in range(SECONDS * 100):
            if one.finished:
                break
            stopper.wait(0.01)
        assert one.finished


def test_a_stop_ends_it_before_the_next_task_and_keeps_what_there_is():
    one = Measurement(
        [("a", lambda stopped: 1), ("b", lambda stopped: one.stop()), ("c", lambda stopped: 3)],
        queue=Queue(),
    )
    one.work()
    assert one.results == {"a": 1}
    assert one.stopped
    assert one.finished
    assert one.done == 1


def test_one_that_waits_can_be_stopped():
    queue, gate = Queue(), Event()
    first, second = (
        Measurement([("a", until(gate))], queue=queue),
        Measurement([("b", until(gate))], queue=queue),
    )
    first.start()
    while not first.running:
        pass
    second.stop()
    second.work()
    assert second.finished
    assert second.results == {}
    gate.set()
    finish(first)


def test_one_that_nobody_looks_at_ends(monkeypatch):
    monkeypatch.setattr(measuring, "PATIENCE", -1.0)
    one = Measurement([("a", lambda stopped: 1)], queue=Queue())
    one.work()
    assert one.finished
    assert one.results == {}


def test_what_the_tasks_held_is_let_go():
    class Large:
        pass

    large = Large()
    held = ref(large)
    one = Measurement([("a", lambda stopped, kept=large: 1)], queue=Queue())
    del large
    assert held() is not None
    one.work()
    assert held() is None
    assert len(one.tasks) == 1


def test_a_failure_is_kept_and_frees_the_queue():
    def fails(stopped):
        raise MemoryError

    queue = Queue()
    one = Measurement([("a", fails)], queue=queue)
    one.work()
    assert isinstance(one.failure, MemoryError)
    after = Measurement([("b", lambda stopped: 2)], queue=queue)
    after.work()
    assert after.results == {"b": 2}
