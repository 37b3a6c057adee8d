"""The written forms of what a request says beside its payload, as its description gives them.

Promises: what a form does not match is refused; a test holds each against the judge that refuses. It must never be what
judges: a judge is stricter, as an identifier of a person fits the form of an opaque id.

source: DESIGN 6.3; RFC 3339 section 5.6
"""

from __future__ import annotations

from typing import Any, Final

NAME: Final = "[A-Za-z0-9_.-]{1,64}"
SUBJECT: Final = "[A-Za-z0-9_.:-]{1,64}"
REFERENCE: Final = "[A-Za-z0-9_.:/-]{1,128}"
TEXT_VERSION: Final = "[A-Za-z0-9_.:/-]{1,64}"
TIME: Final = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)


def described(form: str, text: str, example: str, **more: Any) -> dict[str, Any]:
    """What is said of a field of such a form."""
    return {"pattern": f"^{form}$", "description": text, "examples": [example], **more}


KIND_SAID: Final = {"enum": ["consent", "obligation"], "description": "Of the kinds that the purpose accepts."}
DELIVERY_SAID: Final = {"enum": ["wait", "queue"], "description": "Wait for the recipient; `queue` is not offered yet."}
RECIPIENT_SAID: Final = described(NAME, "The recipient's id, as its file has it.", "mc-primer-uk")
PURPOSE_SAID: Final = described(NAME, "What for; one of the recipient's purposes.", "service_request")
SUBJECT_SAID: Final = described(
    SUBJECT, "Your own opaque id of the person: never a phone, e-mail, IIN, card or account number.", "usr_0001"
)
REFERENCE_SAID: Final = described(REFERENCE, "The reference of your own record of it.", "consent-2026-11")
TIME_SAID: Final = described(TIME, "When it was given.", "2026-11-01T09:00:00+05:00", format="date-time")
TEXT_VERSION_SAID: Final = described(TEXT_VERSION, "Which text was agreed to.", "2026-03")
