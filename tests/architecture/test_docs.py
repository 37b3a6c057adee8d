"""Docs that cannot rot: every command, route, setting, error code and reason stands in the README."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from gateway.cli import cli
from gateway.config import TOKEN, setting_names
from gateway.model import Cause, OutcomeCode, RefusedReason, WithheldReason
from gateway.web import create_app
from gateway.web.problems import PROBLEMS
from tests.architecture.source import ROOT
from tests.unit.web.served import Served

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


COMMANDS = dict(_commands(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`{name}" in README or f"gateway {name}" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_and_takes_json(name: str) -> None:
    command = COMMANDS[name]

    assert f"gateway {name}" in (command.epilog or "")
    assert any("--json" in parameter.opts for parameter in command.params)
    assert command.help


@pytest.mark.parametrize("name", [*setting_names(), TOKEN])
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert name in README


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_error_code_is_in_the_readme(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("word", sorted({*WithheldReason, *RefusedReason, *OutcomeCode, *Cause}), ids=str)
def test_every_reason_and_outcome_is_in_the_readme(word: str) -> None:
    assert f"`{word}`" in README


def test_every_route_is_in_the_readme() -> None:
    rules = [re.sub(r"<[^>]+>", "{}", rule.rule) for rule in create_app(Served()).url_map.iter_rules()]
    told = re.sub(r"{[^}]+}", "{}", README)

    missing = [rule for rule in rules if f" {rule}`" not in told]

    assert missing == []


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "Keep a Changelog" in text
    assert "## [Unreleased]" in text
