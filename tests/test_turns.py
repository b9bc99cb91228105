"""Turns at the processors: in order, no more at once than there are places, and a word to whoever comes too late."""

import threading
import time

import pytest

from core.turns import BusyError, Turns


class Crowd:
    """People who each want a turn, in threads of their own; they keep it until they are let go."""

    def __init__(self, turns):
        self.turns = turns
        self.inside, self.served, self.refused = [], [], []
        self.go = threading.Semaphore(0)
        self.threads = []

    def come(self, name, waiting=None, *, patient=False):
        """Come, and be either inside or in the queue before the next one comes."""

        def want():
            try:
                with self.turns.turn(waiting, patient=patient):
                    self.inside.append(name)
                    self.go.acquire()
                    self.inside.remove(name)
                    self.served.append(name)
            except BusyError:
                self.refused.append(name)

        expected = self.settled() + 1
        thread = threading.Thread(target=want)
        self.threads.append(thread)
        thread.start()
        until(lambda: self.settled() == expected)

    def settled(self):
        return len(self.inside) + len(self.turns._waiting) + len(self.served) + len(self.refused)

    def leave(self):
        for _ in self.threads:
            self.go.release()
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()


def until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_no_more_at_once_than_places_and_the_others_in_the_order_they_came():
    crowd = Crowd(Turns(places=2, queue=10, patience=60))
    for name in "abcde":
        crowd.come(name)
    assert sorted(crowd.inside) == ["a", "b"]
    for place, name in enumerate("cde", 3):
        crowd.go.release()
        until(lambda name=name: name in crowd.inside)
        assert len(crowd.served) == place - 2
        assert len(crowd.inside) == 2
    crowd.leave()
    assert sorted(crowd.served) == list("abcde")


def test_whoever_comes_when_the_queue_is_full_is_told_at_once_and_the_others_stay():
    crowd = Crowd(Turns(places=1, queue=2, patience=60))
    for name in "abcd":
        crowd.come(name)
    assert crowd.refused == ["d"]
    crowd.leave()
    assert crowd.served == ["a", "b", "c"]


def test_whoever_waits_is_told_how_many_are_before():
    crowd, told = Crowd(Turns(places=1, queue=5, patience=60)), []
    crowd.come("a")
    crowd.come("b")
    crowd.come("c", told.append)
    until(lambda: told)
    crowd.go.release()
    until(lambda: crowd.inside == ["b"])
    until(lambda: told[-1] == 0)
    crowd.leave()
    assert sorted(set(told)) == [0, 1]


def test_patience_has_an_end():
    turns = Turns(places=1, queue=5, patience=0.2)
    crowd = Crowd(turns)
    crowd.come("a")
    with pytest.raises(BusyError, match="try again"), turns.turn():
        pytest.fail("there was a place")
    crowd.leave()
    with turns.turn():
        pass


def test_the_patient_wait_behind_any_number_for_as_long_as_it_takes():
    turns = Turns(places=1, queue=0, patience=0)
    crowd = Crowd(turns)
    crowd.come("a")
    crowd.come("b", patient=True)
    time.sleep(0.3)
    crowd.leave()
    assert crowd.served == ["a", "b"]


def test_whoever_leaves_the_queue_or_fails_in_their_turn_gives_the_place_back():
    turns = Turns(places=1, queue=1, patience=60)

    def leave(_):
        raise KeyboardInterrupt

    crowd = Crowd(turns)
    crowd.come("a")
    with pytest.raises(KeyboardInterrupt), turns.turn(leave):
        pytest.fail("there was a place")
    crowd.leave()
    with pytest.raises(ValueError, match="in my turn"), turns.turn():
        raise ValueError("in my turn")
    with turns.turn():
        assert crowd.served == ["a"]
