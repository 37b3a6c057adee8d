"""What a map does with free text: scrubs it, puts a template in its place, or drops it (`text:`).

Promises: a class map says it for all of its recipients, a recipient's file for itself, and of the two the stricter
holds (law 7): scrub, then template, then drop. Under `template` and `drop` nothing that people wrote leaves through a
field of `type: text`.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.model import FieldRule, FieldType, TextMode, Transform

_BY_STRICTNESS = (TextMode.SCRUB, TextMode.TEMPLATE, TextMode.DROP)


def stricter(first: TextMode, second: TextMode) -> TextMode:
    """Of two ways to treat free text, the one that lets less of it leave."""
    return max(first, second, key=_BY_STRICTNESS.index)


def drops(rule: FieldRule, mode: TextMode) -> bool:
    """True if the rule is of free text and this mode keeps it home."""
    return rule.type is FieldType.TEXT and mode is TextMode.DROP


def lacks_template(rule: FieldRule, mode: TextMode) -> bool:
    """True if the mode asks for a template that the rule does not have."""
    return rule.type is FieldType.TEXT and mode is TextMode.TEMPLATE and rule.template is None


def in_mode(rule: FieldRule, mode: TextMode) -> FieldRule:
    """The rule as it holds under a mode: of free text scrubbed, or of the template that stands in its place."""
    if rule.type is not FieldType.TEXT or rule.template is None:
        return rule
    if mode is TextMode.TEMPLATE:
        return replace(
            rule, type=FieldType.STRING, transform=Transform.TEMPLATE, max_length=None, pattern=None, one_of=()
        )
    return replace(rule, template=None)
