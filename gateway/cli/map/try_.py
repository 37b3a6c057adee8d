"""`gateway map try`: one map on one payload, in the clear, on the terminal of who writes maps."""

from __future__ import annotations

import sys
from typing import Any

import click

from gateway.canonical import write
from gateway.cli.map.group import MAPS, PULL, SCOPE, group, load, narrowed
from gateway.cli.map.trial import Trial, tell, tell_assumed, tell_records, verdict_of
from gateway.cli.terminal import command, emit, read_input
from gateway.cli.verdict import StatedSets
from gateway.purpose import kept_sets


@command(group, "try", example="gateway map try mc-primer-uk service_request < payload.json")
@click.argument("recipient")
@click.argument("purpose")
@click.argument("payload", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@MAPS
@click.option("--content-type", default="application/json", show_default=True, help="How the payload is written.")
@click.option("--subject", help="The subject the payload is about [default: whom it names, or someone].")
@click.option("--route", help="Read it as the proxy would: 'POST /v2/orders/7?type=1'.")
@click.option("--query", multiple=True, help="Of the request to the recipient's API: 'a=b'.")
@click.option("--header", multiple=True, help="Of the request to the recipient's API: 'name: value'.")
@SCOPE
@PULL
@click.option("--body", "with_body", is_flag=True, help="In JSON, give the body's text too, as it would leave.")
def try_(
    *,
    payload: str | None,
    maps: str | None,
    header: tuple[str, ...],
    scopes: tuple[str, ...],
    pull: str | None,
    with_body: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Show what would leave and what would stay, from a PAYLOAD file or standard input. Sends and records nothing.

    A stated basis and an unrestricted subject are assumed. Names of unknown fields are shown as they are. Where fields
    of the recipient's API stand outside the body, a JSON payload is {"body": …, "path": …, "query": …, "header": …}, or
    the body alone with --route, --query and --header. NDJSON and CSV get a verdict for each record, one a line. A set
    that the platform keeps holds what --scope says, and otherwise whatever it is asked for, which is told. Of what the
    recipient may ask us for (--pull), the payload is the platform's answer.
    """
    snapshot, _ = narrowed(load(maps), asked["recipient"], asked["purpose"], pull)
    sets = StatedSets(scopes, {name for who, name in kept_sets(snapshot) if who == asked["recipient"]})
    trial = Trial(snapshot=snapshot, headers=header, sets=sets, **asked)
    whole, records = trial.read(read_input(payload))
    as_json = as_json or not sys.stdout.isatty()
    if records is None:
        result = trial.judge(whole)
        verdict = verdict_of(result, with_body=with_body, assumed=sets.assumed)
        emit(verdict, lambda: tell(result), as_json=as_json)
    elif as_json:
        for record in records:
            result = trial.judge(record)
            click.echo(write(verdict_of(result, with_body=with_body, assumed=sets.assumed)))
    else:
        tell_records([trial.judge(record) for record in records], trial.judge(whole))
    if not as_json:
        tell_assumed(sets.assumed)
