"""What each key of a map file is for, in a sentence: an editor shows it where the pointer rests on the key.

By the schema's name in `$defs` (`json_schema.schema_name`); a schema that shares keys with another shares what is said
of them. It says what a key means and never what may stand under it: that is the schema's own to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FILES: Final[Mapping[str, str]] = {
    "taxonomy": "taxonomy.yaml: the words of the privacy policy",
    "class": "<class>.yaml: what one class of recipients may know, per purpose",
    "recipient": "recipients/<id>.yaml: one third party, which can only narrow its class",
    "example": "examples/<recipient>/<purpose>/<name>.yaml: a payload and what must become of it",
}

DESCRIPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Title": {
        "kk": "The title in Kazakh.",
        "ru": "The title in Russian.",
        "en": "The title in English.",
    },
    "Category": {
        "title": "What the policy calls this kind of data.",
        "dpv": "Its terms in the Data Privacy Vocabulary (IRIs).",
    },
    "SpecialCategory": {
        "title": "What people are told when a key of this group is met.",
        "keys": "Names of keys that name this category, matched by whole words in any spelling.",
        "words": "Words of free text that are scrubbed: whole, or stems where they end in *.",
        "refuse": "true: a key of this group refuses the whole transfer instead of staying home.",
    },
    "RecipientClass": {
        "title": "What the policy calls this class of recipients.",
        "purposes": "The purposes for which section 5 of the policy lets this class have data.",
    },
    "Taxonomy": {
        "categories": "The ten categories of personal data that section 3 of the policy names, and operational.",
        "recipient_classes": "Who may receive data at all (section 5), and for what.",
        "never": "Names of keys that no map may ever name, by group; what they name stays home wherever it is met.",
        "special_categories": "Special categories (section 3, last line): kept home with an alarm.",
    },
    "Retention": {
        "for": "How long the recipient may keep what it gets: P1Y, P6M, P30D.",
        "after": "From when on the time counts.",
    },
    "Bounds": {
        "one_of": "The only values that may leave.",
        "pattern": "A regular expression that the whole value must match.",
        "minimum": "The least value: a number, or for dates and periods a day or a month.",
        "maximum": "The greatest value: a number, or for dates and periods a day or a month.",
        "places": "The most decimal places.",
        "max_items": "How many items of the innermost array in the path may leave.",
        "min_items": "How many items of the innermost array in the path must leave, or the transfer is refused.",
    },
    "Answered": {
        "category": "Which kind of data it is, by the policy; operational is not about a person by itself.",
        "type": "What a value must be before it may leave; another value stays home.",
        "as": "How the value is made less than it was.",
        "because": "Why this may leave: a sentence that cites the policy, such as «§5 …; §3 …».",
        "max_length": "The most characters.",
        "hosts": "For URLs: the only hosts, in small letters.",
        "text": "For `as: generic`: the text that stands in the value's place.",
    },
    "Field": {
        "from": "The path of the payload that it is read from, where it is not its own; two for given_and_initial.",
        "required": "true: without it the transfer is refused, wherever `when` holds.",
        "when": "Leaves only if this holds: one table (all lines) or a list of tables (any of them).",
        "template": "A text that holds other fields by their paths in braces, for `as: template` or `text: template`.",
    },
    "Purpose": {
        "title": "What people are told that this purpose is.",
        "policy_clause": "The clause of the privacy policy that allows this purpose.",
        "dpv": "The purpose in the Data Privacy Vocabulary (IRI).",
        "basis": "Which legal bases a caller may state.",
        "retention": "How long the recipient may keep what it gets.",
        "text": "What becomes of free text: it is scrubbed, a template stands in its place, or it is dropped.",
        "items": "Whose data the items of an array are: the array, and the leaf that must equal the subject.",
        "fields": "What may leave, by its path in the platform's own payload. What is not here never leaves.",
    },
    "ClassMap": {
        "recipient_class": "A class of the taxonomy; the file bears its name.",
        "purposes": "What this class may know, for each purpose.",
    },
    "Key": {
        "jwk": "A public key of the recipient (JWK, RFC 7517), of the curve of its suite. Never a private one.",
        "not_after": "When the key may no longer be used, such as 2027-01-01T00:00:00Z.",
    },
    "Credentials": {
        "header": "The header that the recipient's API wants the secret in.",
        "secret": "The name under which the gateway's settings hold the secret; never the secret itself.",
        "scheme": "What stands before the secret in the header, such as Bearer.",
    },
    "Signer": {
        "kind": "Which way of signing the recipient's protocol has; it is applied after everything else.",
        "secrets": "What this kind of signer needs, and the names under which the settings hold it.",
        "header": "The header that a key or a signature stands in.",
        "scheme": "What stands before an API key, such as Token.",
        "digest": "The hash of the signature.",
        "base64": "true: the signature is written in base64 instead of hex.",
        "prefix": "What stands before the signature, such as sha256=.",
        "token_url": "Where OAuth2 tokens are fetched.",
        "scope": "What OAuth2 tokens are asked for.",
    },
    "Constant": {
        "operational": "A value that the recipient's API needs and that says nothing about a person: its closed type.",
        "required": "true: without it the transfer is refused.",
        "when": "Leaves only if this holds, in paths of the recipient's own body.",
    },
    "Binding": {
        "field": "The class's field whose rule applies at this place of the recipient's body.",
        "from": "Their path that the value is read from, where it is not the place itself.",
        "as": "How the value is made less than the class map already makes it.",
        "text": "For `as: generic`: the text that stands in the value's place.",
        "required": "true: without it the transfer is refused.",
        "when": "One more condition, in paths of the recipient's own body.",
        "max_length": "The most characters; at most what the class map says.",
    },
    "Kept": {"set": "The name of a set of values that the platform keeps up to date."},
    "Taken": {
        "type": "What the value must be before it goes on to the platform.",
        "required": "true: a request without it is told as malformed.",
        "max_length": "The most characters.",
    },
    "Told": {
        "status": "The status that the recipient is answered with.",
        "body": "What it is answered: fixed, but for texts such as {txn_id}, which are what it asked itself.",
    },
    "OnError": {
        "malformed": "What it asks is not what the route takes.",
        "not_found": "The platform answers 404, or about no one.",
        "refused": "It may not have the answer.",
        "unavailable": "The platform gives no answer that can be used, or nothing can be recorded now.",
    },
    "Basis": {
        "kind": "Consent or obligation.",
        "ref": "The reference of the platform's own record.",
        "given_at": "When it was given: an RFC 3339 time with its offset.",
        "text_version": "Which text was agreed to.",
    },
    "Pull": {
        "route": "What the recipient asks below /v1/pull/<id>: a method and a path.",
        "takes": "What of its request goes on: names of its query, and of segments of the route. Nothing else does.",
        "ask": "What the platform is asked: a method and a path; what is no segment stands in the query.",
        "ask_media_type": "What the platform answers as, where that is not what the recipient gets.",
        "media_type": "What the recipient is answered as.",
        "subject_from": "Whom the answer is about: answer.<path>, record.<path> for each record, or asked.<name>.",
        "basis": "The legal basis of these answers.",
        "basis_from": "The path of the platform's answer, or of a record, that states the basis as Gateway-Basis does.",
        "withhold": "Fields of the class map that do not go back.",
        "shape": "The answer: each of its paths, and the class's field or the constant there.",
        "means": "What the answer's values mean in the paths that conditions of the class map read.",
        "items": "Whose data the items of an array are: the array, and the leaf that must equal the subject.",
        "serves": "Whose data may go back: values, or a set that the platform keeps.",
        "echo": "Paths of the answer where what the recipient asked stands, whatever the platform says there.",
        "on_error": "How its protocol tells that it gets nothing.",
    },
    "Basic": {
        "login": "The name under which the settings hold the login.",
        "password": "The name under which the settings hold the password.",
    },
    "Certificate": {
        "fingerprints": "SHA-256 of the certificates that it may show, any of them.",
        "subjects": "Subjects of the certificates that it may show, as the trusted proxy spells them.",
    },
    "Calls": {
        "token": "A secret in a header of its requests.",
        "basic": "HTTP Basic.",
        "networks": "The networks that it calls from.",
        "certificate": "The certificate that it shows to the trusted proxy.",
    },
    "Service": {
        "pulls": "What the recipient may ask us for, under this purpose.",
        "routes": "The only requests of the recipient's API that are let through: a method and a path.",
        "media_type": "What a body is written as.",
        "withhold": "Fields of the class map that this recipient does not get.",
        "text": "What becomes of free text: scrub, template or drop; the stricter of this and the class map's holds.",
        "shape": "The recipient's own body: each of its paths, and the class's field or the constant there.",
        "means": "What the recipient's values mean in the paths that conditions of the class map read.",
        "items": "Whose data the items of an array of theirs are: the array, and the leaf that must equal the subject.",
        "serves": "Whose data this recipient may have for this purpose: values, or a set that the platform keeps.",
        "subject_from": "The path of the payload that names the subject, where a library can set no header.",
        "records_per_envelope": "So many records of a registry may share one envelope, or one body.",
        "answer": "What of the recipient's answer comes back to the platform, by its path in the answer.",
    },
    "Recipient": {
        "id": "Its name in the gateway; the file bears it.",
        "class": "A recipient class of the taxonomy.",
        "role": "Its role in the class, which conditions of the class map read as recipient.role.",
        "title": "What people are told that this recipient is.",
        "bin": "Its business identification number (БИН), twelve digits in quotes.",
        "country": "Where it is established.",
        "storage_country": "Where it stores what it gets.",
        "base_url": "Its address: https, host, perhaps a port and a path.",
        "calls": "How it proves who it is when it calls us; all that stands here must hold.",
        "protection": "jwe: a sealed envelope that only it can open; tls: readable to its edge, which needs a reason.",
        "protection_reason": "Why its API cannot open an envelope.",
        "suite": "The curve of its keys and of our signature.",
        "keys": "Its public keys; the first that is still in time is used.",
        "credentials": "A static header that its API wants.",
        "signer": "How its protocol wants requests signed, after everything else was done.",
        "sandbox": "Where `map shrink` may try invented payloads (base_urls, token_url); no transfer goes there.",
        "ca_file": "Certificates (PEM, below the folder of the maps) to trust instead of the system's.",
        "timeout_seconds": "How long an attempt may take.",
        "in_flight": "How many requests it takes at once.",
        "traits": "Attributes of its own, which conditions of the class map read as recipient.<name>.",
        "serves": "Whose data this recipient may have at all: values, or a set that the platform keeps.",
        "purposes": "What it gets data for; each must stand in its class map.",
    },
    "Expectation": {
        "decision": "Whether the transfer is permitted.",
        "reason": "Why it is refused.",
        "disclosure": "Exactly what leaves.",
        "withheld": "Paths that stay home, and why; others may stay too.",
        "alarms": "The groups of special categories whose keys are met.",
    },
    "Example": {
        "title": "What this example shows.",
        "payload": "What a caller sends.",
        "expect": "What must become of it.",
    },
}
