from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.batch.run import IN_VAIN
from gateway.clock import SystemClock
from gateway.errors import LogUnavailable
from gateway.model import CallerId, Cause, Envelope, OutcomeCode, PurposeId, RecipientId, Sent, SubjectId
from tests import registries
from tests.deployment import PAIRS
from tests.recipients import Received, Reply
from tests.registries import PURPOSE, RECIPIENT, Setting, lines, record, refusable, verified


def _numbers(told: list[dict[str, Any]], **said: str) -> list[int]:
    return [one["record"] for one in told if said.items() <= one.items()]


def test_each_record_is_a_transfer_of_its_own(setting: Setting) -> None:
    told = setting.run(lines(*(record(number) for number in range(1, 301))))

    assert told[-1] == {"batch": "b-1", "records": 300, "delivered": 300, "ended": "whole"}
    assert _numbers(told, outcome="delivered") == list(range(1, 301))
    assert sorted(setting.opened()) == [f"REQ-{number:06}" for number in range(1, 301)]
    assert len({one["log"]["index"] for one in told[:-1]}) == 300
    assert verified(setting.gateway) == (600, [])


def test_every_record_is_found_again_as_a_transfer(setting: Setting) -> None:
    told = setting.run(lines(record(1)))

    found = setting.gateway.store.transfers.find(told[0]["transfer_id"])

    assert found is not None
    assert [entry.kind for entry in found.entries] == ["intent", "outcome"]


def test_what_is_refused_or_cannot_be_read_is_a_verdict_and_not_the_end(setting: Setting) -> None:
    told = setting.run(
        lines(record(1), b"{", refusable(3), {"ticket": 1}, record(5, resident="87000000123"), record(6))
    )

    assert [one["decision"] for one in told[:-1]] == [
        *("permitted", "unreadable", "refused", "unreadable", "unreadable", "permitted"),
    ]
    assert told[2]["reason"] == "required_missing"
    assert {"path": "ticket.text", "rule": "text"} in told[2]["failures"]
    assert told[3]["fault"] == "it does not say who it is about"
    assert "phone" in told[4]["fault"]
    assert told[-1] == {"batch": "b-1", "records": 6, "delivered": 2, "refused": 1, "unreadable": 3, "ended": "whole"}
    assert len(setting.received) == 2


def test_no_verdict_holds_a_value_or_a_subject(setting: Setting) -> None:
    told = orjson.dumps(setting.run(lines(record(1), refusable(2), {**record(3), "+77000000199": "x"}))).decode()

    assert not [one for one in ("usr_", "900101100103", "Примеров", "87000000123", "77000000199") if one in told]


def test_started_again_no_record_goes_twice(setting: Setting) -> None:
    """T47: each says that it is there already, with its transfer."""
    body = lines(record(1), refusable(2), b"{", record(4))
    first = setting.run(body)

    again = setting.run(body)

    assert [one["decision"] for one in again[:-1]] == ["already", "already", "unreadable", "already"]
    assert [one.get("transfer_id") for one in again[:-1]] == [one.get("transfer_id") for one in first[:-1]]
    assert (again[0]["outcome"], again[1]["reason"], again[1]["failures"]) == (
        "delivered",
        "required_missing",
        first[1]["failures"],
    )
    assert len(setting.received) == 2
    assert verified(setting.gateway) == (5, [])


def test_what_follows_goes_on_from_there(setting: Setting) -> None:
    setting.run(lines(record(1), record(2)))

    told = setting.run(lines(record(1), record(2), record(3)))

    assert [one["decision"] for one in told[:-1]] == ["already", "already", "permitted"]
    assert len(setting.received) == 3


def test_under_another_name_they_go_again(setting: Setting) -> None:
    setting.run(lines(record(1)), "b-1")

    assert setting.run(lines(record(1)), "b-2")[0]["decision"] == "permitted"


def test_another_callers_batch_of_this_name_is_another(setting: Setting) -> None:
    """T49."""
    setting.run(lines(record(1)))
    token = setting.token_of("billing", PAIRS)

    assert setting.run(lines(record(1)), token=token)[0]["decision"] == "permitted"


def test_a_record_that_was_changed_after_it_went_does_not_go_again(setting: Setting) -> None:
    setting.run(lines(record(1), record(2)))

    told = setting.run(lines(record(1, extra=True), record(2)))

    assert [one["decision"] for one in told[:-1]] == ["changed", "already"]
    assert len(setting.received) == 2


def test_a_refused_record_that_was_corrected_goes(setting: Setting) -> None:
    setting.run(lines(record(1), refusable(2)))

    told = setting.run(lines(record(1), record(2)))
    again = setting.run(lines(record(1), record(2)))

    assert [one["decision"] for one in told[:-1]] == ["already", "permitted"]
    assert [one["decision"] for one in again[:-1]] == ["already", "already"]
    assert sorted(setting.opened()) == ["REQ-000001", "REQ-000002"]


def test_not_sent_is_tried_again_under_an_id_of_its_own(tmp_path: Path) -> None:
    """T63: only where it is known that nothing left."""
    with registries.setting(tmp_path, in_flight=4) as made:
        send, gone = made.gateway.around.house.send, list[Envelope]()

        def nobody_there(envelope: Envelope) -> Sent:
            gone.append(envelope)
            return Sent(OutcomeCode.NOT_SENT, Cause.UNREACHABLE) if len(gone) <= 2 else send(envelope)

        object.__setattr__(made.gateway.around.house, "send", nobody_there)
        first = made.run(lines(record(1), record(2)))
        again = made.run(lines(record(1), record(2)))
        third = made.run(lines(record(1), record(2)))

    assert [one["outcome"] for one in first[:-1]] == ["not_sent", "not_sent"]
    assert [one["outcome"] for one in again[:-1]] == ["delivered", "delivered"]
    assert {one["transfer_id"] for one in first[:-1]}.isdisjoint({one["transfer_id"] for one in again[:-1]})
    assert [one["decision"] for one in third[:-1]] == ["already", "already"]
    assert len(made.received) == 2


def test_an_unknown_outcome_is_never_sent_again(tmp_path: Path) -> None:
    """T63."""

    def hang_up(_: Received) -> Reply:
        raise ConnectionAbortedError

    with registries.setting(tmp_path, reply=hang_up) as made:
        first = made.run(lines(record(1)))
        again = made.run(lines(record(1)))

    assert first[0]["outcome"] == "unknown"
    assert (again[0]["decision"], again[0]["outcome"]) == ("already", "unknown")
    assert len(made.received) == 1


def test_a_blocked_subject_is_refused_and_the_rest_goes(setting: Setting) -> None:
    pseudonym = setting.gateway.keyring.log_pseudonym(SubjectId("usr_000002"))
    setting.gateway.store.restrictions.block(pseudonym, SystemClock().now())

    told = setting.run(lines(record(1), record(2), record(3)))

    assert [one.get("reason") for one in told[:-1]] == [None, "restricted", None]
    assert sorted(setting.opened()) == ["REQ-000001", "REQ-000003"]
    assert verified(setting.gateway) == (5, [])


def test_refusals_beyond_the_allowance_end_it(setting: Setting) -> None:
    """T57: nothing after the last one that may be refused is decided."""
    setting.quota = 5

    told = setting.run(lines(*(refusable(number) for number in range(1, 50))))

    assert told[-1] == {"batch": "b-1", "records": 5, "refused": 5, "ended": "stopped", "code": "too_many_refusals"}
    assert verified(setting.gateway) == (5, [])


def test_two_bad_rows_in_a_hundred_cost_no_quota(setting: Setting) -> None:
    setting.quota = 0
    rows = [refusable(number) if number % 50 == 49 else record(number) for number in range(1, 201)]

    told = setting.run(lines(*rows))

    assert told[-1] == {"batch": "b-1", "records": 200, "delivered": 196, "refused": 4, "ended": "whole"}


def test_what_is_refused_of_all_is_recorded_once_and_ends_it(setting: Setting) -> None:
    """T57."""
    token = setting.token_of("poor", ())

    told = setting.run(lines(*(record(number) for number in range(1, 50))), token=token)

    assert told[-1] == {"batch": "b-1", "records": 1, "refused": 1, "ended": "stopped", "code": "not_granted"}
    assert setting.received == []


def test_what_was_refused_of_all_goes_once_it_is_mended(setting: Setting) -> None:
    token = setting.token_of("poor", ())
    setting.run(lines(record(1)), token=token)
    setting.gateway.store.callers.grant(CallerId("poor"), RecipientId(RECIPIENT), PurposeId(PURPOSE))

    assert setting.run(lines(record(1)), token=token)[0]["outcome"] == "delivered"


def test_a_token_that_is_revoked_ends_it_between_groups(setting: Setting) -> None:
    begun = setting.begin(_endless())
    verdicts = begun.run.verdicts(begun.rows)
    next(verdicts)
    setting.gateway.store.callers.revoke(CallerId("backend"))

    rest = sum(1 for _ in verdicts)

    assert begun.run.code == "unauthenticated"
    assert len(setting.received) == begun.run.tally.records == rest + 1


def test_told_to_stop_it_ends_between_groups_and_goes_on_later(setting: Setting) -> None:
    body = lines(*(record(number) for number in range(1, 101)))
    begun = setting.begin(io.BytesIO(body).read)
    verdicts = begun.run.verdicts(begun.rows)
    next(verdicts)
    begun.run.stop()

    told = list(verdicts)
    rest = setting.run(body)

    assert begun.run.summary()["code"] == "stopped"
    assert 0 < len(told) < 100
    assert rest[-1]["already"] == len(told) + 1
    assert sorted(setting.opened()) == [f"REQ-{number:06}" for number in range(1, 101)]


def test_one_who_stops_listening_ends_it_and_every_outcome_is_kept(setting: Setting) -> None:
    begun = setting.begin(_endless())
    verdicts = begun.run.verdicts(begun.rows)
    next(verdicts)

    verdicts.close()  # type: ignore[attr-defined]

    entries, problems = verified(setting.gateway)
    assert (entries, problems) == (2 * len(setting.received), [])


def test_a_recipient_that_takes_nothing_ends_it(tmp_path: Path) -> None:
    with registries.setting(tmp_path, reply=lambda _: Reply(503)) as made:
        told = made.run(lines(*(record(number) for number in range(1, 300))))

    assert (told[-1]["ended"], told[-1]["code"]) == ("stopped", "recipient_rejected")
    assert IN_VAIN <= told[-1]["records"] < 300


def test_a_log_that_is_away_ends_it_and_nothing_of_the_group_leaves(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all, turns = setting.gateway.store.log.commit_all, iter(range(100))

    def fails_at_the_third(units: Any) -> Any:
        if next(turns) == 2:
            raise LogUnavailable("away")
        return commit_all(units)

    monkeypatch.setattr(setting.gateway.store.log, "commit_all", fails_at_the_third)
    told = setting.run(lines(*(record(number) for number in range(1, 301))))

    assert told[-1]["code"] == "log_unavailable"
    assert told[-1]["records"] == told[-1]["delivered"] == len(setting.received)
    assert verified(setting.gateway) == (2 * len(setting.received), [])


def test_a_stream_that_breaks_off_keeps_what_came_before(setting: Setting) -> None:
    told = setting.run(b'id,note\nusr_1,"a\nusr_2,b\n', content_type="text/csv", subject_field="id")

    assert (told[-1]["records"], told[-1]["ended"], told[-1]["code"]) == (0, "stopped", "malformed_request")
    assert "record 1" in told[-1]["detail"]


def test_two_runs_of_one_batch_at_once_send_each_record_once(setting: Setting) -> None:
    """T47: of all who bring a record, one goes on."""
    body = lines(*(record(number) for number in range(1, 101)))
    both = [setting.begin(io.BytesIO(body).read) for _ in range(2)]
    told = [begun.run.verdicts(begun.rows) for begun in both]

    ended: list[list[Any]] = [[], []]
    for place in (0, 1) * 101:
        ended[place] += [one for one in [next(told[place], None)] if one is not None]

    decisions = [[one["decision"] for one in one_run] for one_run in ended]
    assert [len(one) for one in decisions] == [100, 100]
    assert sum(one.count("permitted") for one in decisions) == 100
    assert sorted(setting.opened()) == [f"REQ-{number:06}" for number in range(1, 101)]


def _endless() -> Any:
    """A registry without an end."""

    def pieces() -> Iterator[bytes]:
        number = 0
        while True:
            number += 1
            yield lines(record(number))

    made = pieces()
    return lambda _: next(made)
