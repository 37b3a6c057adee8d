from __future__ import annotations

import re

import pytest

from gateway.admission.request import basis_in, opaque_subject
from gateway.web.api.described import (
    GIVES,
    IN_PATH,
    SECURITY,
    TAKES,
    Access,
    Described,
    any_body,
    header_answers,
    path_parameters,
    problem_answers,
    problem_example,
    sometimes_answers,
)
from gateway.web.problems import PROBLEMS


def codes(said: Described, path: str = "/x") -> dict[str, list[str]]:
    return {
        status: one["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
        for status, one in problem_answers(said, path).items()
    }


def test_the_problems_of_a_route_stand_under_their_statuses() -> None:
    said = Described(Access.PUBLIC, problems=("not_granted", "restricted", "recipient_busy"))

    assert codes(said) == {
        "403": ["not_granted", "restricted"],
        "500": ["internal_error"],
        "503": ["recipient_busy"],
    }


def test_a_route_for_callers_has_the_problems_of_finding_out_who_calls() -> None:
    found = codes(Described(problems=()))

    assert found["401"] == ["unauthenticated"]
    assert "log_unavailable" in found["503"]


def test_a_route_with_a_part_in_its_path_may_not_be_found() -> None:
    assert codes(Described(Access.PUBLIC, problems=()), "/x/{name}")["404"] == ["not_found"]


def test_to_a_recipient_that_asks_no_problem_of_ours_is_told() -> None:
    assert problem_answers(Described(Access.RECIPIENT, problems=("not_granted",)), "/x/{name}") == {}


def test_a_route_that_says_nothing_of_its_problems_may_have_any() -> None:
    assert codes(Described()) == {"default": sorted(PROBLEMS)}


def test_a_header_is_promised_only_where_every_problem_of_the_status_has_it() -> None:
    said = problem_answers(Described(Access.PUBLIC, problems=("recipient_busy", "not_granted")), "/x")

    assert set(said["503"]["headers"]) == {"Gateway-Problem", "Retry-After"}
    assert set(said["403"]["headers"]) == {"Gateway-Problem"}


def test_parts_of_a_path_are_told_by_their_names() -> None:
    told = path_parameters("/v1/proxy/<recipient>/<path:path>")

    assert [(one["name"], one["in"], one["required"]) for one in told] == [
        ("recipient", "path", True),
        ("path", "path", True),
    ]
    assert told[1]["schema"] == IN_PATH["path"]["schema"]


def test_a_part_of_a_path_that_no_one_described_is_a_name() -> None:
    assert path_parameters("/<thing>")[0]["schema"]["pattern"] == "^[A-Za-z0-9_.-]{1,64}$"


def test_headers_are_referred_to() -> None:
    assert header_answers(["Location"]) == {"Location": {"$ref": "#/components/headers/Location"}}
    assert sometimes_answers(["Retry-After"]) == {"Retry-After": {"$ref": "#/components/headers/Retry-After-sometimes"}}


def test_who_may_ask_is_told_by_schemes_that_exist() -> None:
    named = {name for access in Access for one in access.required() for name in one}

    assert named == set(SECURITY)
    assert Access.PUBLIC.required() == []
    assert {} in Access.OPERATIONS.required()


def test_any_body_is_json_first_and_every_format_that_is_read() -> None:
    bodies = any_body({"type": "object"}, {"a": 1})

    assert next(iter(bodies)) == "application/json"
    assert bodies["application/json"] == {"schema": {"type": "object"}, "example": {"a": 1}}
    assert len(bodies) == 7


def test_an_example_of_a_problem_is_the_least_that_it_says() -> None:
    assert problem_example("not_granted") == {
        "type": "urn:problem-type:gateway:not_granted",
        "title": "The caller has no grant for this recipient and purpose",
        "status": 403,
        "code": "not_granted",
    }


@pytest.mark.parametrize(
    "name", [name for name, one in TAKES.items() if "example" in one and "pattern" in one["schema"]]
)
def test_an_example_of_a_header_is_of_its_form(name: str) -> None:
    assert re.fullmatch(TAKES[name]["schema"]["pattern"][1:-1], TAKES[name]["example"])


def test_the_examples_of_headers_are_taken() -> None:
    assert basis_in(TAKES["Gateway-Basis"]["example"]).kind == "consent"
    assert opaque_subject(TAKES["Gateway-Subject"]["example"]) == "usr_0001"


def test_every_header_of_an_answer_says_what_it_is() -> None:
    assert [name for name, one in GIVES.items() if not one["description"].endswith(".") or not one["schema"]] == []
