"""What calls may not say has its broken files in tests/data/broken_maps; here stands what a right file becomes."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path as FilePath

from gateway.model import Calls
from gateway.purpose.calls import read_calls
from gateway.purpose.yaml_files import Report
from tests.unit.purpose.samples import document

ALL = {
    "token": {"header": "X-API-Key", "secret": "one_token", "scheme": ""},
    "basic": {"login": "one_login", "password": "one_password"},
    "networks": ["192.0.2.7", "2001:db8::/32"],
    "certificate": {"fingerprints": ["ab" * 32], "subjects": ["CN=one"]},
}


def test_all_that_a_file_asks_for_stands_in_it(tmp_path: FilePath) -> None:
    report = Report(document(tmp_path, "calls: {}\n"))

    calls = read_calls(ALL, report)

    assert report.problems == []
    assert calls == Calls(
        token="one_token",
        header="x-api-key",
        login="one_login",
        password="one_password",
        networks=(ip_network("192.0.2.7/32"), ip_network("2001:db8::/32")),
        fingerprints=frozenset({"ab" * 32}),
        subjects=frozenset({"CN=one"}),
    )


def test_a_recipient_that_never_calls_has_none(tmp_path: FilePath) -> None:
    assert read_calls(None, Report(document(tmp_path, "id: one\n"))) is None
