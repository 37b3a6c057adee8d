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


BASIS = "kind=obligation; ref=contract-7; given_at=2026-01-01T00:00:00+05:00"


def test_a_default_basis_is_set_shown_and_taken_back(deployment: Deployment, run: Run) -> None:
    run("caller", "add", "billing", "--default-basis", BASIS)
    added = run("caller", "list", "--json").json["callers"]
    changed = run("caller", "set", "billing", "--default-basis", BASIS.replace("7", "8") + "; text_version=2", "--json")
    shown = run("caller", "list").out
    run("caller", "set", "billing", "--no-default-basis")
    gone = run("caller", "list", "--json").json["callers"]

    assert [row["default_basis"] for row in added] == [None, BASIS]
    assert changed.json["default_basis"] == BASIS.replace("7", "8") + "; text_version=2"
    assert "contract-8" in shown
    assert [row["default_basis"] for row in gone] == [None, None]


def test_a_default_basis_that_is_none_is_refused_and_nothing_is_added(deployment: Deployment, run: Run) -> None:
    """A consent by default needs all that a stated consent needs."""
    bad = [
        run("caller", "add", "billing", "--default-basis", "kind=consent; ref=c-1"),
        run("caller", "set", "backend", "--default-basis", "kind=consent; given_at=2026-01-01T00:00:00Z"),
        run("caller", "set", "backend", "--default-basis", "obligation"),
        run(
            "caller",
            "set",
            "backend",
            "--default-basis",
            "kind=obligation; ref=87000000123; given_at=2026-01-01T00:00:00Z",
        ),
        run("caller", "set", "nobody", "--default-basis", BASIS),
    ]

    listed = run("caller", "list", "--json").json["callers"]
    assert [ran.code for ran in bad] == [1, 1, 1, 1, 1]
    assert "--default-basis: given_at is missing" in bad[0].err
    assert "87000000123" not in bad[3].err
    assert [(row["caller"], row["default_basis"]) for row in listed] == [("backend", None)]


def test_one_of_the_two_options_says_what_to_set(deployment: Deployment, run: Run) -> None:
    codes = [
        run("caller", "set", "backend").code,
        run("caller", "set", "backend", "--no-default-basis", "--default-basis", BASIS).code,
    ]

    assert codes == [2, 2]


def test_whose_sets_a_caller_keeps_is_granted_shown_and_taken_back(deployment: Deployment, run: Run) -> None:
    run("caller", "add", "shop", "--keeps", "mc-primer-uk")
    run("caller", "grant", "backend", "--keeps", "mc-primer-uk", "--keeps", "psp-halyk-test")
    before = run("caller", "list", "--json").json["callers"]
    shown = run("caller", "list").out
    run("caller", "ungrant", "backend", "--keeps", "psp-halyk-test")
    after = run("caller", "list", "--json").json["callers"]

    assert [row["keeps"] for row in before] == [["mc-primer-uk", "psp-halyk-test"], ["mc-primer-uk"]]
    assert "keeps the sets of psp-halyk-test" in shown
    assert [row["keeps"] for row in after] == [["mc-primer-uk"], ["mc-primer-uk"]]


def test_what_no_one_can_keep_is_an_error(deployment: Deployment, run: Run) -> None:
    codes = [
        run("caller", "grant", "backend", "--keeps", "nobody").code,
        run("caller", "ungrant", "backend", "--keeps", "mc-primer-uk").code,
        run("caller", "grant", "backend").code,
        run("caller", "ungrant", "backend").code,
    ]

    assert codes == [1, 1, 2, 2]
