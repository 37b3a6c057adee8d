from __future__ import annotations

from typing import Any

import pytest

from gateway.cli.map.trial import Trial, body_text, tell, tell_records, verdict_of
from gateway.errors import ConfigError, UnknownRoute
from gateway.minimise import compile_projection
from gateway.model import Disclosure, Plan, PurposeMap, Route
from tests.rules import LEXICON, rule
from tests.values import PAIR, purpose_map, snapshot

RECORDS = (rule("records[].amount", required=True),)
LOCATED = (rule("body.amount"), rule("query.a"), rule("path.id"), rule('header."x-shop"'))
CSV = "amount;заметка\n1;жене 87000000125\n;\n".encode("cp1251")


def mapped(*rules: Any, **changes: Any) -> PurposeMap:
    return purpose_map(fields=rules, project=compile_projection(Plan(rules, (), LEXICON)), **changes)


def trial(found: PurposeMap, content_type: str = "application/json", **asked: Any) -> Trial:
    values: dict[str, Any] = {"recipient": PAIR[0], "purpose": PAIR[1], "subject": None, **asked}
    return Trial(snapshot=snapshot(found), content_type=content_type, **values)


def located(*paths: str) -> PurposeMap:
    routes = tuple(Route("POST", path) for path in paths)
    return mapped(*LOCATED, located=True, route=routes[0], routes=routes, headers=frozenset({"x-shop"}))


def test_a_record_has_its_verdict_and_the_text_that_would_leave() -> None:
    tried = trial(mapped(*RECORDS), "text/csv; charset=windows-1251")

    records = tried.read(CSV).records
    told = [verdict_of(tried.judge(record), with_body=True) for record in records or ()]

    assert [one["decision"] for one in told] == ["permitted", "refused"]
    assert (told[0]["body"], told[0]["disclosure"]) == ("amount\n1\n", {"records": [{"amount": "1"}]})
    assert told[0]["withheld"] == [{"path": "records[].заметка", "reason": "not_in_map"}]
    assert (told[1]["body"], told[1]["content_type"]) == (None, None)


def test_the_body_is_given_only_where_it_is_asked_for() -> None:
    tried = trial(mapped(rule("amount")))

    assert "body" not in verdict_of(tried.judge(tried.read(b'{"amount":"1"}').whole), with_body=False)


def test_the_text_of_a_body_is_read_in_its_own_charset() -> None:
    tried = trial(mapped(rule("records[].сумма")), "text/csv; charset=windows-1251")

    result = tried.judge(tried.read("сумма\nсто\n".encode("cp1251")).whole)

    assert isinstance(result, Disclosure)
    assert body_text(result) == "сумма\nсто\n"


@pytest.mark.parametrize(
    "asked",
    [
        {"query": ("a=b",), "headers": ("X-Shop: 7", "Cookie: c")},
        {"route": "POST /orders?a=b", "headers": ("X-Shop: 7",)},
        {"route": "POST /orders", "query": ("a=b",), "headers": ("X-Shop:7",)},
    ],
    ids=["the one route", "a route with a query", "a route beside a query"],
)
def test_what_stands_outside_the_body_is_built_as_the_proxy_builds_it(asked: dict[str, Any]) -> None:
    tried = trial(located("/orders"), **asked)

    whole = tried.read(b'{"amount":"1","note":"n"}').whole

    assert whole.tree == {
        "body": {"amount": "1", "note": "n"},
        "query": {"a": "b"},
        "header": {"x-shop": "7"},
    }


def test_a_located_payload_may_be_given_whole() -> None:
    tried = trial(located("/orders"))

    result = tried.judge(tried.read(b'{"body":{"amount":"1"},"query":{"a":"b","c":"d"}}').whole)

    assert isinstance(result, Disclosure)
    assert result.data == {"body": {"amount": "1"}, "query": {"a": "b"}}
    assert [one.path for one in result.withheld] == ["query.c"]


@pytest.mark.parametrize(
    ("paths", "asked"),
    [
        (("/orders", "/others"), {"query": ("a=b",)}),
        (("/orders/{id}",), {"headers": ("X-Shop: 7",)}),
        (("/orders",), {"route": "orders"}),
        (("/orders",), {"headers": ("X-Shop",)}),
    ],
    ids=["several routes", "a route with a field", "no route", "no header"],
)
def test_options_that_do_not_say_which_request_are_refused(paths: tuple[str, ...], asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        trial(located(*paths), **asked).read(b"{}")


def test_a_route_that_is_not_declared_is_refused() -> None:
    """T9."""
    with pytest.raises(UnknownRoute):
        trial(located("/orders"), route="POST /others").read(b"{}")


def test_the_subject_is_whom_the_payload_names_unless_one_is_stated() -> None:
    found = purpose_map(subject_from=rule("who").path)

    named = trial(found).judge(trial(found).read(b'{"who":"usr_0007","ticket":"1"}').whole)
    stated = trial(found, subject="usr_1").judge(trial(found).read(b'{"who":"usr_0007","ticket":"1"}').whole)

    assert isinstance(named, Disclosure)
    assert isinstance(stated, Disclosure)
    assert (named.permitted.admitted.subject, stated.permitted.admitted.subject) == ("usr_0007", "usr_1")


def test_people_see_the_tree_and_the_body_as_it_would_leave(capsys: pytest.CaptureFixture[str]) -> None:
    tried = trial(mapped(rule("amount"), rule("title")), "application/x-www-form-urlencoded")

    tell(tried.judge(tried.read(b"amount=1&title=a+b&iin=900101100103").whole))

    shown = capsys.readouterr().out
    assert '"title": "a b"' in shown
    assert "amount=1&title=a+b\n" in shown
    assert "iin" in shown
    assert "900101100103" not in shown


def test_people_see_a_line_for_each_record_and_what_one_body_of_them_would_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried = trial(mapped(*RECORDS), "text/csv; charset=cp1251")
    parts = tried.read(CSV)

    tell_records([tried.judge(one) for one in parts.records or ()], tried.judge(parts.whole))

    shown = capsys.readouterr().out
    assert "1 of 2 records permitted; sent as one body:\nrefused required_missing" in shown
    assert "records[].amount required_missing" in " ".join(shown.split())
    assert "87000000125" not in shown


def test_a_long_table_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    tried = trial(mapped(*RECORDS), "text/csv")
    parts = tried.read(b"amount;n\n" + b"1;2\n" * 60)

    tell_records([tried.judge(one) for one in parts.records or ()], tried.judge(parts.whole))

    shown = capsys.readouterr().out
    assert "… and 10 more" in shown
    assert "60 of 60 records permitted" in shown


def test_what_would_leave_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tried = trial(mapped(rule('T.A[]."#text"')), "application/xml")

    tell(tried.judge(tried.read("<T><A>red \x9b31m</A></T>".encode()).whole))

    body = capsys.readouterr().out.partition("the body")[2]
    assert "\x9b" not in body
