from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from gateway.canonical import path_text
from gateway.errors import ConfigError
from gateway.purpose.drafted.samples import read_samples


def written(tmp_path: FilePath, name: str, text: str | bytes) -> FilePath:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        ("a.json", '{"a": 1}', ["a"]),
        ("a.form", "a=1&b=2", ["a", "b"]),
        ("a.csv", "a;b\n1;2\n", ["records[].a", "records[].b"]),
        ("a.ndjson", '{"a": 1}\n{"b": 2}\n', ["records[].a", "records[].b"]),
        ("a.xml", "<r><a>1</a></r>", ['r.a[]."#text"']),
    ],
)
def test_a_body_is_read_by_its_format(tmp_path: FilePath, name: str, text: str, paths: list[str]) -> None:
    traffic = read_samples([written(tmp_path, name, text)])

    assert sorted(path_text(path) for path in traffic.bodies) == paths


def test_several_samples_are_seen_together(tmp_path: FilePath) -> None:
    traffic = read_samples([written(tmp_path, "a.json", '{"a": 1}'), written(tmp_path, "b.json", '{"a": 2}')])

    (leaf,) = traffic.bodies.values()
    assert leaf.values == {"1", "2"}


def test_traffic_and_descriptions_are_known_by_what_is_in_them(tmp_path: FilePath) -> None:
    entry = '{"request": {"method": "GET", "url": "https://a.example/b?c=1"}}'
    har = written(tmp_path, "a.json", f'{{"log": {{"entries": [{entry}]}}}}')
    schema = "{properties: {d: {type: string}}}"
    body = f"{{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}}}"
    api = written(tmp_path, "b.yaml", f'openapi: "3.0.3"\npaths:\n  /e: {{post: {body}}}\n')

    traffic = read_samples([har, api])

    assert [path_text(path) for path in (*traffic.outside, *traffic.bodies)] == ["query.c", "d"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"iin": 900101100103', "a.json: the body is not strict JSON"),
        ("a.txt", "x", "expected a name that ends in .json"),
        ("a.yaml", "a: b", "expected an OpenAPI document"),
        ("a.yml", "a: [", "expected YAML"),
        ("a.json", "[]", "the samples show no body"),
        ("a.json", '{"log": {"entries": []}}', "expected requests to an https address"),
    ],
    ids=["broken", "unknown", "no description", "no YAML", "empty", "no requests"],
)
def test_what_cannot_be_read_is_told_without_a_value(tmp_path: FilePath, name: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        read_samples([written(tmp_path, name, text)])

    assert said in str(told.value)
    assert "900101100103" not in str(told.value)
