"""A recipient's file can only narrow what its class may know (law 7)."""

from __future__ import annotations

from pathlib import Path as FilePath

from gateway.canonical import parse_path, path_text
from gateway.model import BasisKind, FieldRule, Match, Plan, Project, PurposeId, Retention, Route
from gateway.purpose.arrays import DEFAULT_MAX_ITEMS
from gateway.purpose.class_map import PurposeRules
from gateway.purpose.compile import compile_map
from gateway.purpose.recipients import RecipientFile
from gateway.purpose.service import Service
from gateway.purpose.yaml_files import Document
from tests.unit.purpose.samples import LEXICON, Seen, fake_projection, recipient, rule, served_by

PICTURES = ((Match(parse_path("recipient.accepts_attachments"), ("true",)),),)
SCOPE = Match(parse_path("ticket.scope"), ("apartment",))


def rules(*fields: FieldRule) -> PurposeRules:
    return PurposeRules(
        recipient_class="managing_company",
        purpose=PurposeId("service_request"),
        policy_clause="5",
        bases=frozenset({BasisKind.CONSENT}),
        retention=Retention(years=1),
        fields=fields,
    )


def file(*withhold: str, **attributes: str) -> RecipientFile:
    routes = (Route("POST", "/first"), Route("POST", "/second"))
    service = Service(routes=routes, withhold=tuple(parse_path(path) for path in withhold))
    return RecipientFile(
        recipient=recipient(),
        attributes=attributes,
        services={PurposeId("service_request"): service},
        document=Document("recipients/mc-one.yaml", {}, {}),
    )


def test_a_map_carries_what_the_class_allows_and_the_first_route() -> None:
    found, problems = compile_map(rules(rule("ticket.id")), file(), LEXICON, fake_projection)

    assert problems == []
    assert found is not None
    assert found.recipient.id == "mc-one"
    assert found.fields == (rule("ticket.id"),)
    assert found.route == Route("POST", "/first")
    assert found.bases == {BasisKind.CONSENT}


def test_a_field_that_the_recipient_switches_off_is_narrowed_and_gone() -> None:
    seen = Seen()
    fields = (rule("ticket.id"), rule("ticket.files[].id", when=PICTURES))

    compile_map(rules(*fields), file(accepts_attachments="false"), LEXICON, seen)

    assert seen.rules[0] == (rule("ticket.id"),)
    assert seen.narrowed[0] == (parse_path("ticket.files[].id"),)


def test_a_field_that_the_recipient_switches_on_has_no_condition_left() -> None:
    seen = Seen()

    compile_map(rules(rule("ticket.files[].id", when=PICTURES)), file(accepts_attachments="true"), LEXICON, seen)

    assert seen.rules[0] == (rule("ticket.files[].id"),)
    assert seen.narrowed[0] == ()


def test_the_payload_s_part_of_a_condition_stays() -> None:
    seen = Seen()
    when = ((*PICTURES[0], SCOPE),)

    compile_map(rules(rule("ticket.files[].id", when=when)), file(accepts_attachments="true"), LEXICON, seen)

    assert seen.rules[0][0].when == ((SCOPE,),)


def test_a_withheld_field_is_narrowed_by_where_it_comes_from() -> None:
    seen = Seen()

    compile_map(rules(rule("id"), rule("name", sources=("first", "last"))), file("name"), LEXICON, seen)

    assert seen.rules[0] == (rule("id"),)
    assert seen.narrowed[0] == (parse_path("first"), parse_path("last"))


def test_a_source_that_another_field_reads_is_not_kept_home() -> None:
    seen = Seen()

    compile_map(rules(rule("id"), rule("number", sources=("id",))), file("number"), LEXICON, seen)

    assert seen.rules[0] == (rule("id"),)
    assert seen.narrowed[0] == ()


def test_a_map_that_allows_nothing_is_a_problem() -> None:
    """T11, law 1."""
    found, problems = compile_map(rules(rule("ticket.id")), file("ticket.id"), LEXICON, fake_projection)

    assert found is None
    assert problems == [
        (
            "recipients/mc-one.yaml:1: purposes.service_request: expected at least one field that this recipient may "
            "have; a map that allows nothing is none"
        )
    ]


def test_withholding_a_required_field_is_a_problem_even_under_a_condition() -> None:
    fields = (rule("ticket.id"), rule("ticket.flat", required=True, when=((SCOPE,),)))

    found, problems = compile_map(rules(*fields), file("ticket.flat"), LEXICON, fake_projection)

    assert found is None
    assert problems == [
        (
            "recipients/mc-one.yaml:1: purposes.service_request.withhold.0: ticket.flat: the class map requires it; "
            "without it every transfer would be refused"
        )
    ]


def test_rules_that_stage_3_cannot_compile_are_a_problem_and_no_crash() -> None:
    def refuses(_plan: Plan) -> Project:
        raise ValueError("two rules for one path")

    found, problems = compile_map(rules(rule("ticket.id")), file(), LEXICON, refuses)

    assert found is None
    assert problems == [
        "recipients/mc-one.yaml:1: purposes.service_request: expected fields that go together: two rules for one path"
    ]


def test_what_may_come_back_is_compiled_like_what_may_leave(tmp_path: FilePath) -> None:
    """T33, law 12."""
    seen = Seen()

    found = served_by(
        tmp_path,
        "answer:",
        '  "orders[].state": {category: operational, type: string, max_length: 9, because: "§5, done"}',
        seen=seen,
    )

    assert found.answer is not None
    assert [[path_text(one.path) for one in rules] for rules in seen.rules[1:]] == [["orders[].state"]]
    assert seen.rules[1][0].max_items == DEFAULT_MAX_ITEMS
    assert seen.narrowed[1] == ()


def test_without_an_answer_map_there_is_none(tmp_path: FilePath) -> None:
    seen = Seen()

    assert served_by(tmp_path, seen=seen).answer is None
    assert len(seen.rules) == 1


def test_no_recipient_has_a_field_that_its_class_lacks(tmp_path: FilePath) -> None:
    """Law 7: whatever a shape binds is the class's, but for constants that are about no one."""
    found = served_by(
        tmp_path, "shape:", "  who: ticket.person", "  number: ticket.id", "  tariff: {operational: boolean}"
    )

    assert {rule.category for rule in found.fields} == {"name", "operational"}
