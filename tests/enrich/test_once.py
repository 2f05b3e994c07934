import threading
import time

import pytest

from eventlens.enrich.once import Once


def test_makes_the_value_once_for_all_threads():
    made = []

    def make():
        time.sleep(0.02)
        made.append(object())
        return made[-1]

    once = Once(make)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(once())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert seen == made * 8


def test_nothing_is_made_before_the_first_call():
    made = []
    Once(lambda: made.append(1))
    assert made == []


def test_none_is_a_value_too():
    made = []
    once = Once(lambda: made.append(1))
    assert once() is None
    assert once() is None
    assert made == [1]


def test_an_error_is_tried_again():
    answers = [ValueError("first"), "second"]

    def make():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once = Once(make)
    with pytest.raises(ValueError, match="first"):
        once()
    assert once() == "second"
