"""The Python SDK speaks the protocol of sdks/protocol, to the real server."""

import json
import re
from typing import Any

from event_lens_sdk import Client
from tests.ingest.test_protocol import ANSWERS, CALLS, EXAMPLES, body_of
from tests.support.scripted import Said, accepted, scripted


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def test_calls_make_what_the_protocol_says() -> None:
    with scripted() as server, Client(server.url, "id", "secret") as client:
        for call in CALLS:
            arguments = {snake(name): value for name, value in call["arguments"].items()}
            getattr(client, snake(call["method"]))(**arguments)
        assert client.flush()
    assert len(server.events) == len(CALLS)
    for call, event in zip(CALLS, server.events, strict=True):
        said = call["body"]["payload"]
        added = {"timestamp"} if event["type"] == "group" else {"id", "timestamp"}
        assert all(event["payload"].get(name) for name in added)
        assert {
            name: value for name, value in event["payload"].items() if name in said or name not in added
        } == said
        assert event["type"] == call["body"]["type"]
    assert server.headers[0]["event-lens-client-id"] == "id"
    assert server.headers[0]["event-lens-client-secret"] == "secret"
    assert server.headers[0]["user-agent"].startswith("event-lens-python/")


def test_what_is_accepted_and_what_is_refused(make_client, problems) -> None:
    client = make_client()
    for example in EXAMPLES["accepted"]:
        client.send(body_of(example))
    refused = [example for example in EXAMPLES["refused"] if example.get("trusted", True)]
    for example in refused:
        client.send(body_of(example))
    assert client.flush()
    assert [(problem.code, problem.field) for problem in problems] == [
        (example["code"], example["field"]) for example in refused
    ]
    assert client.stats.accepted == len(EXAMPLES["accepted"])
    assert client.stats.refused == len(refused)
    for problem, example in zip(problems, refused, strict=True):
        assert problem.message
        assert problem.event is not None
        assert problem.event["type"] == example["body"]["type"] if "type" in example["body"] else True


def said(answer: dict[str, Any]) -> Said:
    body = json.dumps(answer["body"]) if "body" in answer else answer["text"]
    return Said(
        answer["status"], body, {"retry-after": answer["retryAfter"]} if "retryAfter" in answer else {}
    )


def test_answers_are_understood(problems) -> None:
    with scripted() as server:
        for answer in ANSWERS:
            sent, told = len(server.batches), len(problems)
            answer_after = [accepted(1), accepted(1)] if answer["then"] == "halved" else []
            server.script = [said({**answer, "retryAfter": "0"}), *answer_after]
            with Client(server.url, "id", "secret", on_problem=problems.append, flush_after=5) as client:
                client.track("a", id="1")
                client.track("b", id="2")
                assert client.flush(), answer["why"]
            requests = [[event["payload"]["id"] for event in batch] for batch in server.batches[sent:]]
            expected = {"again": [["1", "2"]] * 2, "halved": [["1", "2"], ["1"], ["2"]]}
            assert requests == expected.get(answer["then"], [["1", "2"]]), answer["why"]
            events = sum(problem.events for problem in problems[told:])
            assert events == (2 if answer["then"] == "refused" else len(answer.get("refused", []))), answer[
                "why"
            ]
            if "refused" in answer:
                assert (problems[-1].code, problems[-1].field) == ("invalid", "payload/name")
                assert problems[-1].event is not None
                assert problems[-1].event["payload"]["id"] == "2"
