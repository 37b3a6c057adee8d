"""The oracle itself is tested: leaks and alterations are planted in what came out, and each must be found."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.fuzz.cases import PREVIEW, PROXY, TOKEN, Case, make_case
from tests.fuzz.dialects import JSON
from tests.fuzz.trials import Happened, World, world
from tests.fuzz.verdict import faults, leaks, sunk

SEED = "planted"
Ended = tuple[Case, Happened]
_DIGITS = re.compile(rb"731902648[0-9]{8}")


@pytest.fixture(scope="module")
def at_work() -> Iterator[World]:
    with world(SEED) as made:
        yield made


@pytest.fixture(scope="module")
def ended(at_work: World) -> list[Ended]:
    """Cases that ended as they must."""
    found = []
    for number in range(300):
        case = make_case(at_work.services, SEED, number, at_work.deployment.token)
        found.append((case, at_work.happen(case)))
        assert faults(*found[-1], at_work.private_key) == []
    return found


def _sent(ended: list[Ended], **asked: object) -> Ended:
    """The first case that arrived plainly, in JSON, by the proxy, with an answer map where one is asked for."""
    for case, happened in ended:
        service = case.service
        if not happened.arrived or service.sealed or service.media_type != JSON or case.way_in != PROXY:
            continue
        if case.answer.lost or not case.body or ("answer" in asked) != bool(service.answer):
            continue
        if "holds" not in asked or re.search(asked["holds"], happened.arrived[0]):  # type: ignore[call-overload]
            return case, happened
    raise AssertionError("no such case among these")


def _withheld(case: Case) -> str:
    return min(case.came() - case.may_leave())


def _in_arrived(happened: Happened, change: Callable[[bytes], bytes]) -> Happened:
    return replace(happened, arrived=[change(raw) for raw in happened.arrived])


def _in_head(line: str) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(b"\r\n\r\n", f"\r\n{line}\r\n\r\n".encode(), 1)


def _in_body(member: str) -> Callable[[bytes], bytes]:
    return lambda raw: re.sub(rb"\}\Z", f",{member}}}".encode(), raw)


FORMS: dict[str, Callable[[str], str]] = {
    "as it was": str,
    "in capitals": str.upper,
    "reversed": lambda token: token[::-1],
    "in hex": lambda token: token.encode().hex(),
    "in base64": lambda token: base64.b64encode(token.encode()).decode(),
    "in base64, one on": lambda token: base64.b64encode(f"x{token}".encode()).decode(),
    "in base64, two on": lambda token: base64.b64encode(f"xy{token}".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@pytest.mark.parametrize("place", ["body", "header", "reply", "reply's header", "sink"])
def test_a_withheld_value_is_found_wherever_it_leaks(
    at_work: World, ended: list[Ended], form: Callable[[str], str], place: str
) -> None:
    case, happened = _sent(ended)
    leaked = form(_withheld(case))
    planted = {
        "body": _in_arrived(happened, _in_body(f'"note":"{leaked}"')),
        "header": _in_arrived(happened, _in_head(f"X-Note: {leaked}")),
        "reply": replace(happened, body=happened.body + leaked.encode()),
        "reply's header": replace(happened, headers=[*happened.headers, ("Gateway-Note", leaked)]),
    }

    found = faults(case, planted[place], at_work.private_key) if place in planted else sunk({place: leaked.encode()})

    assert [fault for fault in found if place in fault or "in the " in fault] != []


def test_a_header_of_the_caller_that_is_passed_on_is_found(at_work: World, ended: list[Ended]) -> None:
    case, happened = _sent(ended)
    forwarded = next(value for name, value in case.headers if name == "Cookie")

    found = faults(case, _in_arrived(happened, _in_head(f"Cookie: {forwarded}")), at_work.private_key)

    assert any("headers ['cookie']" in fault for fault in found)
    assert any("in the request's head" in fault for fault in found)


def test_a_field_that_the_map_does_not_name_is_found_though_it_holds_no_token(
    at_work: World, ended: list[Ended]
) -> None:
    case, happened = _sent(ended)

    found = faults(case, _in_arrived(happened, _in_body('"floor":"5"')), at_work.private_key)

    assert any("('floor',): s:5 instead of None" in fault for fault in found)


def test_a_lost_digit_is_found(at_work: World, ended: list[Ended]) -> None:
    case, happened = _sent(ended, holds=_DIGITS)

    found = faults(
        case,
        _in_arrived(happened, lambda raw: _DIGITS.sub(lambda digits: digits[0][:-1], raw)),
        at_work.private_key,
    )

    assert any("instead of" in fault for fault in found)


def test_a_number_that_becomes_a_text_is_found(at_work: World, ended: list[Ended]) -> None:
    case, happened = _sent(ended, holds=rb":731902648[0-9.]+[,}]")

    found = faults(
        case,
        _in_arrived(happened, lambda raw: re.sub(rb":(731902648[0-9.]+)([,}])", rb':"\1"\2', raw, count=1)),
        at_work.private_key,
    )

    assert any("instead of n:" in fault for fault in found)


def test_a_released_value_that_does_not_arrive_is_found(at_work: World, ended: list[Ended]) -> None:
    case, happened = _sent(ended)

    found = faults(
        case, _in_arrived(happened, lambda raw: raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n{}"), at_work.private_key
    )

    assert any("None instead of" in fault for fault in found)


def test_an_error_that_repeats_a_value_is_found(at_work: World, ended: list[Ended]) -> None:
    case, happened = next(pair for pair in ended if pair[0].code == "required_invalid" and pair[0].way_in != PREVIEW)
    echoed = happened.body.replace(b'"status"', b'"value":"' + _withheld(case).encode() + b'","status"', 1)

    found = faults(case, replace(happened, body=echoed), at_work.private_key)

    assert any(fault.startswith("in the reply: ") for fault in found)


def test_a_refusal_that_is_sent_all_the_same_is_found(at_work: World, ended: list[Ended]) -> None:
    refused, happened = next(pair for pair in ended if pair[0].code == "out_of_scope" and pair[0].way_in != PREVIEW)
    _, sent = _sent(ended)

    found = faults(refused, replace(happened, arrived=sent.arrived), at_work.private_key)

    assert "a request arrived: out_of_scope" in found


def test_a_part_of_an_answer_that_its_map_does_not_name_is_found(at_work: World, ended: list[Ended]) -> None:
    """Law 12, T33."""
    case, happened = _sent(ended, answer=True)
    passed = {token.decode() for token in TOKEN.findall(case.answer.raw)} - case.may_return()

    found = [
        *faults(case, replace(happened, body=case.answer.raw.partition(b"\r\n\r\n")[2]), at_work.private_key),
        *faults(case, replace(happened, headers=[*happened.headers, ("Set-Cookie", min(passed))]), at_work.private_key),
    ]

    assert any(fault.startswith("in the reply: ") or "the answer" in fault for fault in found)
    assert any(fault.startswith("in the reply's head: ") for fault in found)


def test_nothing_is_found_where_nothing_is() -> None:
    assert leaks(bytes(range(256)) * 100) == []
