"""Every operation of the OpenAPI document, asked as it says and as it does not, on a real server."""

from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from eventlens.api.app import ROUTES
from eventlens.api.openapi import document
from tests.support.hostile import check, names_its_field
from tests.support.project import BROWSER, Project

SCHEMA = schemathesis.openapi.from_dict(document(ROUTES))
FOUND = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
OPERATIONS = {one.label: one for one in FOUND}
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SLOWEST_SECONDS = 20
FEW = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example is a request: shrinking takes minutes
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)


@pytest.fixture(scope="module")
def session():
    with requests.Session() as opened:
        yield opened


def ask(case: Case, project: Project, session: requests.Session) -> None:
    """Send what was made up, as the client that may; whatever comes back is described and in shape."""
    client = project.write if "collection" in case.operation.tags else project.root
    if "projectId" in case.path_parameters:
        case.path_parameters["projectId"] = project.id
    answer = case.call(
        base_url=str(project.http.base_url),
        session=session,
        headers={"user-agent": BROWSER, **client.headers},
        timeout=SLOWEST_SECONDS,
        allow_redirects=False,
    )
    case.validate_response(answer, checks=CHECKS)
    heard = httpx.Response(
        answer.status_code, headers={"content-type": type_of(answer)}, content=answer.content
    )
    check(heard, case.path)
    if heard.status_code == 400:
        assert names_its_field(heard), heard.text


def type_of(answer: Response) -> str:
    return "".join(answer.headers.get("content-type", []))


def test_every_operation_can_be_asked() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in document(ROUTES)["paths"].values())


@pytest.mark.parametrize("label", OPERATIONS)
@FEW
@given(data=st.data())
def test_what_it_describes_is_answered_as_described(
    outer_project: Project, session: requests.Session, label: str, data: st.DataObject
) -> None:
    ask(data.draw(OPERATIONS[label].as_strategy()), outer_project, session)


TAKES_SOMETHING = [
    label for label, one in OPERATIONS.items() if any(one.query) or any(one.body) or any(one.path_parameters)
]


@pytest.mark.parametrize("label", TAKES_SOMETHING)
@FEW
@given(data=st.data())
def test_what_it_does_not_describe_is_refused_by_name(
    outer_project: Project, session: requests.Session, label: str, data: st.DataObject
) -> None:
    strategy = OPERATIONS[label].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    ask(data.draw(strategy), outer_project, session)
