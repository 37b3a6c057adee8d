"""What of a recipient's answer comes back to the platform: answers are transfers too (law 12).

Where the recipient's file has an answer map, the platform gets what it names, success or not, and where the answer
cannot be read, nothing of its body. Without one, the capped body comes back as the transport took it. It must never
let a body through that its map could not be applied to (T33).
"""

from __future__ import annotations

from dataclasses import replace

from gateway.errors import AdmissionError
from gateway.formats import read
from gateway.model import Answer, Conceal, Project, Sent


def minimise_answer(sent: Sent, project: Project | None, conceal: Conceal) -> Sent:
    """How the attempt ended, its answer reduced by the answer map."""
    if project is None or sent.answer is None or not sent.answer.body:
        return sent
    return replace(sent, answer=_reduced(sent.answer, project, conceal))


def _reduced(answer: Answer, project: Project, conceal: Conceal) -> Answer:
    headers = dict(answer.headers)
    try:
        document = read(headers.pop("content-type", ""), answer.body)
        body = document.write(project(document.tree, conceal).data)
    except AdmissionError:  # not of the format that it says, or of none that can be read
        body = b""
    else:
        if body:  # the writer's own: what is not there has no type, and a boundary is not that of what came
            headers["content-type"] = document.media_type
    return replace(answer, headers=headers, body=body)
