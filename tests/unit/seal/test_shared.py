from __future__ import annotations

import pathlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.canonical import Node, Number, b64, unb64, write
from gateway.clock import Instant
from gateway.errors import EnvelopeRejected, GatewayError
from gateway.formats import blank
from gateway.model import Protection, Receipt, Recorded, Signer, SignerKind, Suite
from gateway.seal.shared import SharedSealer
from gateway.transfer_log import tree
from gateway.transfer_log.checkpoint import Checkpoint, sign_checkpoint
from gateway.transfer_log.entry import intent_entry
from gateway.transfer_log.proof import write_proof
from tests.unit.seal.forgery import claims_of, forge
from tests.unit.seal.samples import ABOUT, FIELDS_KEY, ORIGIN, World, world
from tests.values import NOW, disclosure

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(params=[Suite.P256, Suite.OKP], ids=str)
def gateway(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> World:
    return world(tmp_path, request.param)


def _sealer(gateway: World, secrets: dict[str, str] | None = None) -> SharedSealer:
    return SharedSealer(gateway.keyring, ORIGIN, gateway.clock, write_proof, secrets or {})


def _group(gateway: World, *each: dict[str, Node], **map_changes: Any) -> list[Recorded]:
    """Disclosures whose intents stand under one checkpoint."""
    told = [
        disclosure(data, transfer_id=f"t-{number}", **{"recipient": gateway.recipient(), **map_changes})
        for number, data in enumerate(each, 1)
    ]
    entries = [intent_entry(one, ABOUT, at=NOW, attempt=1, fields_key=FIELDS_KEY) for one in told]
    first = gateway.log.frontier.size
    growth = tree.append(gateway.log.frontier, [tree.leaf_hash(entry.leaf) for entry in entries])
    gateway.log.frontier, size = growth.frontier, growth.frontier.size
    note = sign_checkpoint(Checkpoint(ORIGIN, size, growth.root), gateway.keyring.log_key)
    return [
        Recorded(one, 1, Receipt(first + at, entry, proof, size, note), FIELDS_KEY, Instant(NOW + 10**7), 10.0)
        for at, (one, entry, proof) in enumerate(zip(told, entries, growth.proofs, strict=True))
    ]


def _three(gateway: World) -> list[Recorded]:
    return _group(gateway, {"ticket": "a", "sum": Number("1.10")}, {"ticket": "b"}, {"ticket": "c"})


def test_each_record_is_opened_and_proven_by_itself(gateway: World) -> None:
    envelope = _sealer(gateway).seal_all(_three(gateway))

    opened = gateway.receiver.open_all(envelope.body, now=NOW, newest=None)

    assert [one.transfer_id for one in opened] == ["t-1", "t-2", "t-3"]
    assert [write(one.data) for one in opened] == [b'{"ticket":"a","sum":1.10}', b'{"ticket":"b"}', b'{"ticket":"c"}']
    assert [one.index for one in opened] == [5, 6, 7]
    assert {one.checkpoint.size for one in opened} == {8}
    assert (envelope.content_type, len(envelope.also)) == ("application/jose", 2)
    assert opened[0].subject == gateway.keyring.pairwise(
        envelope.recorded.disclosure.permitted.map.recipient.id,
        envelope.recorded.disclosure.permitted.admitted.subject,
    )


def test_an_envelope_of_one_is_opened_as_before(gateway: World) -> None:
    assert gateway.receiver.open_all(gateway.token(), now=NOW, newest=None)[0].transfer_id == "t-1"


def test_one_who_expects_one_is_not_given_many(gateway: World) -> None:
    envelope = _sealer(gateway).seal_all(_three(gateway))

    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open(envelope.body, now=NOW, newest=None)

    assert caught.value.check == "claims"


def _swap(name: str) -> Change:
    def change(claims: dict[str, Any]) -> None:
        first, second = claims["records"][:2]
        first[name], second[name] = second[name], first[name]

    return change


def _set(path: str, value: Any) -> Change:
    def change(claims: dict[str, Any]) -> None:
        *way, last = path.split(".")
        node: Any = claims
        for key in way:
            node = node[int(key)] if isinstance(node, list) else node[key]
        node[int(last) if isinstance(node, list) else last] = value

    return change


def _of_outcome(claims: dict[str, Any]) -> None:
    leaf = orjson.loads(unb64(claims["records"][1]["leaf"]))
    claims["records"][1]["leaf"] = b64(orjson.dumps({**leaf, "kind": "outcome"}, option=orjson.OPT_SORT_KEYS))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        pytest.param(_set("records.1.data", {"ticket": "B"}), "fields", id="other data"),
        pytest.param(_set("records.1.data", {"ticket": "b", "iin": "x"}), "fields", id="more data"),
        pytest.param(_set("records.1.data", {}), "fields", id="less data"),
        pytest.param(_swap("data"), "fields", id="data of another record"),
        pytest.param(_swap("transfer"), "entry", id="the id of another record"),
        pytest.param(_swap("leaf"), "inclusion", id="the leaf of another record"),
        pytest.param(_swap("index"), "inclusion", id="the place of another record"),
        pytest.param(_swap("proof"), "inclusion", id="the proof of another record"),
        pytest.param(_swap("shared"), "opening", id="the opening of another record"),
        pytest.param(_of_outcome, "inclusion", id="a leaf that is no intent"),
        pytest.param(_set("records.1.transfer", "t-1"), "claims", id="one record twice"),
        pytest.param(lambda claims: claims["records"].append(claims["records"][0]), "claims", id="a record again"),
        pytest.param(_set("records", []), "claims", id="no records"),
        pytest.param(_set("records", {}), "claims", id="records that are no array"),
        pytest.param(_set("records.1", "x"), "claims", id="a record that is none"),
        pytest.param(_set("data", {"ticket": "x"}), "claims", id="data beside the records"),
        pytest.param(lambda claims: claims["records"][1].pop("data"), "claims", id="a record without data"),
        pytest.param(lambda claims: claims["records"][1].pop("subject"), "claims", id="a record about no one"),
        pytest.param(_set("records.1.fields_key", b64(bytes(16))), "proof", id="a short key"),
        pytest.param(_set("records.1.fields_key", b64(bytes(32))), "fields", id="another key"),
        pytest.param(_set("records.1.proof", [b64(bytes(31))]), "proof", id="half a hash"),
        pytest.param(_set("records.1.proof", [b64(bytes(32))] * 65), "proof", id="more hashes than a tree is high"),
        pytest.param(_set("records.1.proof", "x"), "proof", id="no proof"),
        pytest.param(_set("records.1.index", -1), "proof", id="no place"),
        pytest.param(_set("log.origin", "another.example/log"), "proof", id="another log"),
        pytest.param(_set("log.checkpoint", ORIGIN + "\n8\nAAAA\n\n"), "checkpoint", id="an unsigned checkpoint"),
        pytest.param(lambda claims: claims.pop("log"), "proof", id="no log"),
        pytest.param(_set("purpose", "payment"), "entry", id="another purpose"),
        pytest.param(_set("map_version", "cd" * 32), "entry", id="another map"),
        pytest.param(_set("data_type", "text/csv"), "entry", id="another type"),
        pytest.param(_set("aud", "someone-else"), "audience", id="another recipient"),
        pytest.param(_set("iat", 1), "time", id="long ago"),
    ],
)
def test_what_was_tampered_with_is_refused_whole(gateway: World, change: Change, check: str) -> None:
    """T40, T41: one record that is not proven refuses the envelope, though its issuer signed it."""
    three = _group(gateway, {"ticket": "a"}, {"ticket": "b"}, {"ticket": "c"})
    claims = claims_of(gateway, _sealer(gateway).seal_all(three).body)
    assert len(gateway.receiver.open_all(forge(gateway, claims), now=NOW, newest=None)) == 3
    change(claims)

    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open_all(forge(gateway, claims), now=NOW, newest=None)

    assert caught.value.check == check


def test_a_log_that_was_rewound_is_noticed(gateway: World) -> None:
    envelope = _sealer(gateway).seal_all(_three(gateway))
    newest = Checkpoint(ORIGIN, 9, bytes(32))

    with pytest.raises(EnvelopeRejected) as caught:
        gateway.receiver.open_all(envelope.body, now=NOW, newest=newest)

    assert caught.value.check == "rewound"


def test_records_of_two_maps_or_two_groups_share_nothing(gateway: World) -> None:
    first, second = _three(gateway), _three(gateway)
    other = _group(gateway, {"ticket": "a"}, version="ef" * 32)
    same = replace(other[0], receipt=first[0].receipt)

    for mixed in ([first[0], second[0]], [first[0], same]):
        with pytest.raises(GatewayError, match="cannot share"):
            _sealer(gateway).seal_all(mixed)


def _in_the_clear(gateway: World, *each: dict[str, Node], **more: Any) -> list[Recorded]:
    recipient = gateway.recipient(protection=Protection.TLS, protection_reason="x", **more.pop("on", {}))
    return _group(gateway, *each, recipient=recipient, **more)


def test_in_the_clear_many_json_bodies_are_one_array(gateway: World) -> None:
    recorded = _in_the_clear(gateway, {"ticket": "a"}, {"ticket": "b"})

    envelope = _sealer(gateway).seal_all(recorded)

    assert (envelope.body, envelope.content_type) == (b'[{"ticket":"a"},{"ticket":"b"}]', "application/json")


def test_in_the_clear_rows_are_one_register(gateway: World) -> None:
    form = blank("text/csv")
    recorded = [
        replace(one, disclosure=replace(one.disclosure, media_type=form.media_type, write=form.write))
        for one in _in_the_clear(
            gateway, {"records": [{"a": "1"}]}, {"records": [{"a": "2", "b": "3"}]}, media_type="text/csv"
        )
    ]

    envelope = _sealer(gateway).seal_all(recorded)

    assert (envelope.body, envelope.content_type) == (b"a;b\r\n1;\r\n2;3\r\n", "text/csv; charset=utf-8")


def test_in_the_clear_the_one_body_is_signed_last(gateway: World) -> None:
    """Law 11."""
    signer = Signer(kind=SignerKind.BEARER, secrets={"token": "their_token"})
    recorded = _in_the_clear(gateway, {"ticket": "a"}, {"ticket": "b"}, on={"signer": signer})

    envelope = _sealer(gateway, {"their_token": "s3cret"}).seal_all(recorded)

    assert envelope.headers == {"Authorization": "Bearer s3cret"}
