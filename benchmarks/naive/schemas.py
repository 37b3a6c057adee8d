"""The naive gateway's schemas: what it checks and what it lets through, as marshmallow writes it down.

`load` drops unknown keys (EXCLUDE) and validates; `dump` with `only` gives a purpose its fields. Schemas are made
once per process: a competent team knows that building them per request costs more than using them.
"""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

_PHONE = re.compile(r"(?:\+7|\b8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_NUMBER = re.compile(r"\b\d{12,19}\b")


def scrub(text: str) -> str:
    """Replace what looks like a phone, an e-mail address, an identity number or a card."""
    text = _PHONE.sub("[ТЕЛЕФОН]", text)
    text = _EMAIL.sub("[ПОЧТА]", text)
    return _NUMBER.sub("[НОМЕР]", text)


class Phone(fields.String):
    """A phone number of Kazakhstan in any human spelling, as E.164."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            number = phonenumbers.parse(text, "KZ")
        except phonenumbers.NumberParseException:
            raise ValidationError("Not a phone number.") from None
        if not phonenumbers.is_possible_number(number):
            raise ValidationError("Not a phone number.")
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class Narrow(Schema):
    """Base: unknown keys are dropped."""

    class Meta:
        unknown = EXCLUDE


class WindowSchema(Narrow):
    from_ = fields.String(data_key="from", required=True, validate=validate.Length(max=40))
    to = fields.String(required=True, validate=validate.Length(max=40))


class CustomerSchema(Narrow):
    last_name = fields.String(required=True, validate=validate.Length(max=64))
    first_name = fields.String(required=True, validate=validate.Length(max=64))
    phone = Phone(required=True)
    name = fields.String(dump_only=True)

    @post_load
    def _shorten(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["name"] = f"{data['first_name']} {data['last_name'][:1]}."
        return data


class AddressSchema(Narrow):
    city = fields.String(validate=validate.Length(max=64))
    street = fields.String(validate=validate.Length(max=128))
    house = fields.String(validate=validate.Length(max=16))
    entrance = fields.String(validate=validate.Length(max=8))
    floor = fields.String(validate=validate.Length(max=8))
    apartment = fields.String(validate=validate.Length(max=8))


class PaymentSchema(Narrow):
    status = fields.String(required=True, validate=validate.OneOf(["paid", "to_pay_on_site"]))


class OrderSchema(Narrow):
    order_id = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_-]{1,64}\Z"))
    service_code = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9_.-]{1,64}\Z"))
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, 999))
    price = fields.Decimal(required=True, places=2, as_string=True, validate=validate.Range(min=0))
    currency = fields.String(required=True, validate=validate.Equal("KZT"))
    place = fields.String(required=True, validate=validate.OneOf(["customer_home", "provider_site", "remote"]))
    window = fields.Nested(WindowSchema, required=True)
    customer = fields.Nested(CustomerSchema, required=True)
    address = fields.Nested(AddressSchema)
    payment = fields.Nested(PaymentSchema, required=True, load_only=True)
    payment_status = fields.String(dump_only=True)
    comment = fields.String(validate=validate.Length(max=500))

    @post_load
    def _finish(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["payment_status"] = data["payment"]["status"]
        if "comment" in data:
            data["comment"] = scrub(data["comment"])
        if data["place"] != "customer_home":
            data.pop("address", None)
        return data


class ServicePayloadSchema(Narrow):
    order = fields.Nested(OrderSchema, required=True)


class BasisSchema(Narrow):
    kind = fields.String(required=True, validate=validate.OneOf(["consent", "obligation"]))
    ref = fields.String(required=True, validate=validate.Length(max=64))
    given_at = fields.AwareDateTime(required=True)
    text_version = fields.String()


class TransferSchema(Narrow):
    recipient = fields.String(required=True)
    purpose = fields.String(required=True)
    subject = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_.:-]{1,64}\Z"))
    basis = fields.Nested(BasisSchema, required=True)
    payload = fields.Dict(required=True)


SERVICE_FULFILMENT = (
    "order.order_id",
    "order.service_code",
    "order.quantity",
    "order.price",
    "order.currency",
    "order.payment_status",
    "order.place",
    "order.window.from_",
    "order.window.to",
    "order.customer.name",
    "order.customer.phone",
    "order.address.city",
    "order.address.street",
    "order.address.house",
    "order.address.entrance",
    "order.address.floor",
    "order.address.apartment",
    "order.comment",
)

TRANSFER = TransferSchema()
LOADERS: dict[str, Schema] = {"service_fulfilment": ServicePayloadSchema()}
DUMPERS: dict[str, Schema] = {"service_fulfilment": ServicePayloadSchema(only=SERVICE_FULFILMENT)}
