"""What a caller can do about each problem: the text beside its code in the API's description and on its page.

Promises: every code of `PROBLEMS` has one, and says whether something may have left. It must never name anything of
this deployment: the page is for anyone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_DATABASE: Final = "Nothing was recorded or sent. Repeat after `Retry-After`, once the operator has mended it: "

ADVICE: Final = MappingProxyType(
    {
        "malformed_request": "Correct what `detail` names: it says where and which rule, never a value.",
        "unauthenticated": "Send a caller's token in `Gateway-Token`; `gateway caller rotate` makes a new one.",
        "not_found": "Check the path. A transfer is shown to the caller that asked for it, and to no one else.",
        "unknown_set": "Name a set that the recipient's file names under `serves`.",
        "unknown_route": "Use a method and path that the recipient's file declares; `gateway map show` lists them.",
        "method_not_allowed": "Use a method that `Allow` names.",
        "idempotency_in_flight": "Repeat after `Retry-After`, with the same key and bytes. Nothing is sent twice.",
        "payload_too_large": "Send less at once.",
        "unsupported_media_type": "Send a content type that the route takes, as UTF-8 and without `Content-Encoding`.",
        "idempotency_mismatch": "Take a fresh key for another request; a repeat has the same bytes. Nothing was sent.",
        "too_many_refusals": "Mend what is refused before going on; the quota refills by the minute.",
        "not_supported_yet": "Leave out what `detail` names; a later release takes it.",
        "not_granted": (
            "An operator can grant it: `gateway caller grant CALLER RECIPIENT:PURPOSE`, for a set with `--keeps`."
        ),
        "special_category": "Leave out the fields whose groups `alarms` names; they may not be sent at all.",
        "restricted": "The person's data may not be disclosed now. Do not send it another way.",
        "basis_missing": "State a basis of a kind that the purpose accepts: `kind`, `ref` and `given_at`.",
        "out_of_scope": "Choose a recipient that serves this person, or bring the set that `serves` names up to date.",
        "no_longer_permitted": "It was recorded and not sent: between the two the answer became no. Ask why first.",
        "unknown_recipient": "Name a recipient that has a file among the purpose maps.",
        "unknown_purpose": "Name a purpose that the recipient's file lists.",
        "empty_map": "Compare the payload's paths with `gateway map show`: nothing of it may leave.",
        "required_missing": "Send the fields that `failures` names.",
        "required_invalid": "Correct the fields that `failures` names, by the rule beside each.",
        "key_unusable": "The recipient must give a new public key; put it into the recipient's file.",
        "recipient_rejected": "The recipient has it and said no: its status and answer stand in `answer`.",
        "recipient_unreachable": "Not one byte left. Safe to repeat.",
        "recipient_tls": "Not one byte left. Safe to repeat, once the recipient's certificate is right.",
        "recipient_credentials": "Not sent. An operator checks the recipient's `signer` and its secrets.",
        "recipient_busy": "Not sent. Repeat after `Retry-After`.",
        "deadline": "The recipient may have it. Ask the recipient before repeating.",
        "answer_not_kept": "The transfer has ended; `instance` tells how. Its answer was too long, or is erased.",
        "outcome_unknown": "The recipient may have it. Ask the recipient before repeating.",
        "answer_too_large": "The recipient has it; its answer could not be taken. Do not repeat.",
        "answer_malformed": "The recipient has it; its answer could not be read. Do not repeat.",
        "upstream_failed": (
            "Is told to operators alone: a recipient that pulls gets what its file says. Look at the platform."
        ),
        "log_unavailable": _DATABASE + "the database cannot be used.",
        "log_locked": _DATABASE + "another program holds the database.",
        "log_read_only": _DATABASE + "the database cannot be written.",
        "log_full": _DATABASE + "the database or its disk is full.",
        "log_gone": _DATABASE + "the database file is not where it was.",
        "log_damaged": _DATABASE + "the database file is broken.",
        "log_diverged": "The gateway stops. An operator runs `gateway log verify`.",
        "too_many_batches": "Repeat after `Retry-After`. Nothing of the registry was read.",
        "not_ready": "Repeat after `Retry-After`; `/readyz` tells its operators which check failed.",
        "internal_error": "The fault is ours; the diagnostics say where. Before repeating, see whether it is recorded.",
    }
)

REASONS: Final = MappingProxyType(
    {
        "not_in_map": "no rule of the purpose map names it",
        "never": "no map may ever name it",
        "special_category": "its name belongs to a special category of personal data; an alarm says which",
        "condition": "the rule's condition does not hold for this payload",
        "bad_value": "the value is not of the rule's type and bounds",
        "over_limit": "there are more of it than the rule allows",
        "other_subject": "the item of the array is about someone else",
        "narrowed": "the recipient's own file withholds it",
    }
)
"""Why a field stays."""

OUTCOMES: Final = MappingProxyType(
    {
        "delivered": "the recipient answered 2xx",
        "rejected": "the recipient answered anything else",
        "not_sent": "not one byte left",
        "unknown": "bytes may have left, and no whole answer tells what became of them; never guessed away",
    }
)
"""How an attempt ends; each has exactly one."""
