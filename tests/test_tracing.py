"""What is known of a request, and who traces it."""

from eventlens import tracing
from eventlens.tracing import request_id_of
from tests.support.processes import free_port


def test_nobody_traces_unless_told_to():
    assert tracing.current() is None
    made = tracing.start(f"http://127.0.0.1:{free_port()}", "1.0", "serve", per_second=1)
    assert tracing.current() is made
    tracing.stop()
    assert tracing.current() is None
    tracing.stop()


def test_an_id_of_a_request_is_believed_only_if_it_can_be_nothing_else():
    assert request_id_of(b"5f0c1a52-3f3e-4c57-9d2b-6f2f3f9b4711") == "5f0c1a52-3f3e-4c57-9d2b-6f2f3f9b4711"
    for strange in (None, b"", b"short", b"somebody@example.com", b"\xff" * 20, b"a" * 65, b"a" * 20 + b"\n"):
        assert len(request_id_of(strange)) == 32
