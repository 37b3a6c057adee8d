from __future__ import annotations

from gateway.admission.tokens import token_hash
from tests.deployment import Deployment
from tests.unit.cli.conftest import Run

GRANT = "mc-primer-uk:service_request"


def test_a_token_is_shown_once_and_only_its_hash_is_kept(deployment: Deployment, run: Run) -> None:
    token = run("caller", "add", "shop", "--grant", GRANT, "--json").json["token"]

    raw = b"".join(path.read_bytes() for path in deployment.home.glob("gateway.db*"))
    assert token.startswith("gw_shop_")
    assert token.encode() not in raw
    assert token_hash(token) in raw


def test_callers_are_listed_with_their_grants(deployment: Deployment, run: Run) -> None:
    run("caller", "add", "shop", "--grant", GRANT)
    run("caller", "grant", "shop", "psp-halyk-test:payment")
    run("caller", "ungrant", "shop", GRANT)
    run("caller", "revoke", "shop")

    listed = {row["caller"]: row for row in run("caller", "list", "--json").json["callers"]}

    assert listed["shop"]["state"] == "revoked"
    assert listed["shop"]["grants"] == ["psp-halyk-test:payment"]


def test_a_grant_that_no_map_knows_is_refused_and_nothing_is_added(deployment: Deployment, run: Run) -> None:
    ran = run("caller", "add", "shop", "--grant", "nobody:nothing")

    listed = run("caller", "list", "--json").json["callers"]
    assert (ran.code, [row["caller"] for row in listed]) == (1, ["backend"])


def test_rotation_gives_another_token(deployment: Deployment, run: Run) -> None:
    first = run("caller", "add", "shop", "--json").json["token"]

    second = run("caller", "rotate", "shop", "--json").json["token"]

    assert first != second


def test_what_cannot_be_done_is_an_error(deployment: Deployment, run: Run) -> None:
    codes = [
        run("caller", "add", "backend").code,
        run("caller", "add", "Not A Name").code,
        run("caller", "revoke", "nobody").code,
        run("caller", "rotate", "nobody").code,
        run("caller", "grant", "nobody", GRANT).code,
    ]

    assert codes == [1, 1, 1, 1, 1]
