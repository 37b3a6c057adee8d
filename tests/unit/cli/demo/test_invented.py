from __future__ import annotations

from gateway.cli.demo.invented import residents
from gateway.cli.demo.mirrored import ORDERS, order_of
from gateway.cli.demo.register import RESIDENTS, row_of
from gateway.identifiers import identifier_kind
from gateway.minimise.invented import someones

MANY = list(residents(RESIDENTS))


def test_no_one_stands_behind_any_resident() -> None:
    rows = [someones(dict(row_of(one)), {"resident.last_name", "resident.first_name"}) for one in MANY]
    orders = [someones(order_of(one), {"recipient.name"}) for one in MANY[:ORDERS]]

    assert [found for found in (*rows, *orders) if found] == []


def test_their_iins_are_right_ones_of_people_born_in_the_1800s() -> None:
    wrong = [one.iin for one in MANY if identifier_kind(one.iin) != "iin" or one.iin[6] != "1"]

    assert wrong == []


def test_each_is_another_person_and_the_same_one_each_time() -> None:
    assert len({one.subject for one in MANY}) == len(MANY)
    assert list(residents(RESIDENTS)) == MANY


def test_the_platforms_id_of_a_person_says_nothing_of_them() -> None:
    assert [one.subject for one in MANY if identifier_kind(one.subject) is not None] == []
