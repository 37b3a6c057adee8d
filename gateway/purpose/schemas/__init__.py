"""The shape of every file in the purpose maps, validated by marshmallow; built once.

Promises: a key that is not known here, a missing one, or a value of another type is a problem with its place. What the
values mean together is not judged here but in `lint`. source: DESIGN 6.1, 6.2.
"""

from gateway.purpose.schemas.class_map import ClassMapSchema, ExampleSchema, TaxonomySchema
from gateway.purpose.schemas.conform import conform
from gateway.purpose.schemas.parts import MEDIA_TYPES
from gateway.purpose.schemas.recipient import RecipientSchema

__all__ = ["MEDIA_TYPES", "ClassMapSchema", "ExampleSchema", "RecipientSchema", "TaxonomySchema", "conform"]
