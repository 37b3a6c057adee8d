"""The command line: `gateway NOUN VERB`, one file per noun, each command with `--json` and an example in `--help`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from gateway.cli import caller, config, db, demo, envelope, init, key, log, recipient, serve, subject, transfer
from gateway.cli import map as map_noun
from gateway.cli.terminal import fail
from gateway.errors import ConfigError, GatewayError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gateway")
def cli() -> None:
    """Personal data leaves only for a named purpose, in the amount needed, after it was written down.

    \b
    Start here:  gateway demo          see the whole path run on this machine
                 gateway init          make keys and a configuration of your own
                 gateway serve         run it
    """  # noqa: D301 -- click reads the \b


for _noun in (map_noun, caller, recipient, key, subject, transfer, log, envelope, config, db):
    cli.add_command(_noun.group)
for _single in (init, demo, serve):
    cli.add_command(_single.command)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script. Exits with 0, 1 (an error, told) or 2 (the words of the command are off)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(args=words, prog_name="gateway", standalone_mode=False)
    except GatewayError as error:
        code = fail(error, as_json="--json" in words)
    except BrokenPipeError:  # the reader of our output went away: nothing to tell it
        code = 0
    except OSError as error:
        problem = f"{error.filename or 'the system'}: {error.strerror}"
        code = fail(ConfigError([problem]), as_json="--json" in words)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
