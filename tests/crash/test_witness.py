"""The witness itself is tested: a disagreement that it does not see proves nothing."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson
import pytest

from gateway.model import Call, Declined, OutcomeCode, Recorded
from gateway.transfer import accept, attempt
from gateway.transfer_log.report import Check, Problem, Report
from tests.crash.witness import (
    Arrival,
    Openings,
    Stored,
    Told,
    disagreements,
    index_of,
    looking_into,
    not_yet_there,
    verified,
)
from tests.deployment import SERVICE_REQUEST, Deployment, new_deployment, transfer_body
from tests.recipients import Authority, Received, RecordingRecipient, Reply

RECIPIENT = "mc-primer-uk"


@dataclass
class World:
    """Three transfers that were delivered and one that was refused, as all parties have them."""

    deployment: Deployment
    stored: Stored
    report: Report
    arrivals: list[Arrival]
    told: list[Told]

    def disagreements(self) -> list[str]:
        return disagreements(self.stored, self.report, self.arrivals, self.told)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("witness")
    deployment = new_deployment(folder)
    authority = Authority(folder)
    arrived: list[tuple[bytes, int | None]] = []

    def answer(received: Received) -> Reply:
        arrived.append((received.body, index_of(deployment.database, received.header("Idempotency-Key"))))
        return Reply()

    with RecordingRecipient(authority, answer) as recipient:
        deployment.point(RECIPIENT, recipient.base_url, authority.ca_file)
        deployment.make()
        told = _transfers(deployment, [SERVICE_REQUEST, SERVICE_REQUEST, SERVICE_REQUEST, {}])
    openings = Openings(deployment, RECIPIENT)
    arrivals = [openings.open(*one) for one in arrived]
    return World(deployment, Stored.read(deployment.database), verified(deployment), arrivals, told)


@pytest.fixture
def world(quiet: World) -> World:
    """A copy, to tamper with."""
    return replace(quiet, stored=copy.deepcopy(quiet.stored), arrivals=list(quiet.arrivals), told=copy.copy(quiet.told))


def _transfers(deployment: Deployment, payloads: list[dict[str, object]]) -> list[Told]:
    told: list[Told] = []
    gateway = deployment.build()
    for payload in payloads:
        body = orjson.dumps(transfer_body(RECIPIENT, "service_request", payload))
        result = accept(Call(deployment.token, "application/json", body), gateway.house)
        if isinstance(result, Declined):
            told.append(Told(result.refused.admitted.transfer_id, result.receipt.index, "refused"))
            continue
        assert isinstance(result, Recorded)
        transfer_id = result.disclosure.permitted.admitted.transfer_id
        ended = attempt(transfer_id, gateway.house)
        told.append(Told(transfer_id, result.receipt.index, ended.sent.outcome.value))
    gateway.close()
    return told


def test_where_nothing_went_wrong_all_agree(world: World) -> None:
    assert [one.ended for one in world.told] == [*[OutcomeCode.DELIVERED] * 3, "refused"]
    assert len(world.arrivals) == 3
    assert world.disagreements() == []
    assert [gap for one in world.arrivals for gap in not_yet_there(one, world.deployment.database)] == []


def _lose_the_intent(world: World) -> None:
    del world.stored.intents[world.arrivals[0].transfer_id]


def _lose_the_outcome(world: World) -> None:
    del world.stored.outcomes[world.arrivals[0].transfer_id]


def _end_twice(world: World) -> None:
    world.stored.outcomes[world.arrivals[0].transfer_id] *= 2


def _end_early(world: World) -> None:
    world.stored.outcomes[world.arrivals[0].transfer_id][0]["index"] = -1


def _say_not_sent(world: World) -> None:
    world.stored.outcomes[world.arrivals[0].transfer_id][0]["outcome"] = OutcomeCode.NOT_SENT


def _say_rejected(world: World) -> None:
    world.stored.outcomes[world.arrivals[0].transfer_id][0]["outcome"] = OutcomeCode.REJECTED


def _change_the_leaf(world: World) -> None:
    world.stored.leaves[world.arrivals[0].index] += b" "


def _change_the_note(world: World) -> None:
    world.stored.notes[world.arrivals[0].size] += b" "


def _leave_a_gap(world: World) -> None:
    world.stored.leaves.pop(max(world.stored.leaves) - 1)


def _arrive_twice(world: World) -> None:
    world.arrivals.append(world.arrivals[0])


def _arrive_first(world: World) -> None:
    world.arrivals[0] = replace(world.arrivals[0], seen_at=None)


def _not_arrive(world: World) -> None:
    del world.arrivals[0]


def _tell_another_index(world: World) -> None:
    world.told[0] = replace(world.told[0], index=17)


def _tell_of_a_lost_refusal(world: World) -> None:
    world.stored.refusals.clear()


TAMPERINGS: dict[str, tuple[Callable[[World], None], str]] = {
    "an intent is lost": (_lose_the_intent, "the log has no intent"),
    "an outcome is lost": (_lose_the_outcome, "1 intents and 0 outcomes"),
    "an attempt ended twice": (_end_twice, "1 intents and 2 outcomes"),
    "an attempt ended before it began": (_end_early, "ended before it began"),
    "what arrived is said to be not sent": (_say_not_sent, "it was not sent, and it arrived"),
    "the caller heard of another outcome": (_say_rejected, "told delivered, and the log says"),
    "the entry is another one": (_change_the_leaf, "another entry"),
    "the checkpoint is another one": (_change_the_note, "a checkpoint of"),
    "an entry is missing": (_leave_a_gap, "not dense"),
    "an envelope arrived twice": (_arrive_twice, "arrived 2 times"),
    "an envelope arrived before its intent": (_arrive_first, "before its intent"),
    "what is said to be delivered did not arrive": (_not_arrive, "that envelope did not arrive"),
    "the caller was told another index": (_tell_another_index, "its caller was told of #17"),
    "a refusal that the caller was told of is lost": (_tell_of_a_lost_refusal, "its caller was told of"),
}


@pytest.mark.parametrize(("tamper", "words"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_the_witness_sees_it_when(world: World, tamper: Callable[[World], None], words: str) -> None:
    tamper(world)

    found = world.disagreements()

    assert [one for one in found if words in one] != [], found


def test_the_witness_sees_at_once_what_is_not_in_the_log_yet(world: World) -> None:
    one = world.arrivals[0]
    early = replace(one, index=one.index + 100, size=one.size + 100)

    found = not_yet_there(early, world.deployment.database)

    assert [line.split(": ")[1].split(" of ")[0] for line in found] == ["entry", "shared opening", "checkpoint"]


def test_what_log_verify_finds_is_a_disagreement(world: World) -> None:
    problem = Problem(1, 2, Check.ROOT, "one root", "another")
    world.report = replace(world.report, problems=(problem,), problem_count=1)

    assert world.disagreements() == [f"log verify: {problem}"]


def test_the_witness_can_only_read(world: World) -> None:
    with (
        looking_into(world.deployment.database) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM outcome")
