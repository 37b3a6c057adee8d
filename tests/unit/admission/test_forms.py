from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from gateway.admission import forms
from gateway.admission.proxied import read_basis
from gateway.admission.request import BasisSchema, TransferSchema

ASKED: dict[str, Any] = {
    "recipient": "mc-primer-uk",
    "purpose": "service_request",
    "subject": "usr_0001",
    "payload": {},
}
BASIS: dict[str, Any] = {"kind": "consent", "ref": "consent-1", "given_at": "2026-11-01T09:00:00+05:00"}
FORMS = {
    "recipient": (forms.NAME, TransferSchema(), ASKED),
    "purpose": (forms.NAME, TransferSchema(), ASKED),
    "subject": (forms.SUBJECT, TransferSchema(), ASKED),
    "ref": (forms.REFERENCE, BasisSchema(), BASIS),
    "text_version": (forms.TEXT_VERSION, BasisSchema(), BASIS),
    "given_at": (forms.TIME, BasisSchema(), BASIS),
}
ODD = st.one_of(
    st.text(alphabet="aZ09_.:/-+TZ \n\x00é٣", max_size=40),
    st.sampled_from(
        ["", "a" * 64, "a" * 65, "a" * 128, "a" * 129, "a\n", "2026-11-01T09:00:00Z", "2026-13-01T09:00:00Z"]
    ),
)


def takes(name: str, value: str) -> bool:
    _form, schema, around = FORMS[name]
    try:
        schema.load({**around, name: value})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", FORMS)
@given(value=ODD)
def test_what_is_not_of_the_described_form_is_refused(name: str, value: str) -> None:
    if re.fullmatch(FORMS[name][0], value) is None:
        assert not takes(name, value)


@pytest.mark.parametrize("name", FORMS)
def test_the_described_form_lets_pass_what_is_taken(name: str) -> None:
    form, _schema, _around = FORMS[name]
    known = ["mc-primer-uk", "usr_0001", "consent-2026-11", "2026-11-01T09:00:00.5+05:00", "2026-02-28t23:59:59Z"]

    taken = [value for value in known if takes(name, value)]

    assert taken
    assert [value for value in taken if re.fullmatch(form, value) is None] == []


def test_what_is_said_of_a_field_is_its_form_a_text_and_an_example_of_it() -> None:
    said = forms.described("[a-z]{2}", "Two letters.", "ab", format="pair")

    assert said == {"pattern": "^[a-z]{2}$", "description": "Two letters.", "examples": ["ab"], "format": "pair"}


def test_the_forms_of_a_basis_in_a_header_are_those_of_one_in_a_body() -> None:
    read = read_basis("kind=consent; ref=consent-1; given_at=2026-11-01T09:00:00+05:00")

    assert read == BASIS
