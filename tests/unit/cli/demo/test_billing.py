from __future__ import annotations

import orjson
import pytest

from gateway.cli.demo.billing import ACCOUNT, DEBTOR, OWED, ROUTE, Billing
from gateway.cli.demo.listening import Judged

SHOWN = {"authorization": "Bearer token"}


def asked(query: str, shown: dict[str, str] | None = None, path: str = ROUTE) -> Judged:
    return Billing("token").judge(f"GET {path}?{query}", SHOWN if shown is None else shown, b"")


def test_it_answers_with_all_that_it_holds_about_the_account() -> None:
    judged = asked(f"command=check&txn_id=4102&account={ACCOUNT}")

    said = orjson.loads(judged.body)
    assert (judged.status, said["result"], said["sum"]) == (200, 0, OWED)
    assert (said["txn_id"], said["owner"]["iin"], said["subject_id"]) == ("4102", DEBTOR.iin, DEBTOR.subject)
    assert "prv_txn_id" not in said


def test_a_payment_gets_a_number_of_its_own() -> None:
    judged = asked(f"command=pay&txn_id=4102&account={ACCOUNT}&sum={OWED}")

    assert orjson.loads(judged.body)["prv_txn_id"] > 0


@pytest.mark.parametrize(
    ("query", "path"),
    [("command=check&txn_id=4102&account=999999", ROUTE), (f"command=check&txn_id=4102&account={ACCOUNT}", "/other")],
    ids=["another account", "another path"],
)
def test_what_it_does_not_have_is_a_404(query: str, path: str) -> None:
    assert asked(query, path=path).status == 404


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer other"}, {"authorization": "Basic dG9rZW4="}])
def test_it_answers_no_one_but_the_gateway(shown: dict[str, str]) -> None:
    judged = asked(f"command=check&txn_id=4102&account={ACCOUNT}", shown)

    assert (judged.status, judged.told) == (401, {"credential": "wrong"})
    assert DEBTOR.iin.encode() not in judged.body
