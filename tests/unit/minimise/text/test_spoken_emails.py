"""E-mail addresses whose signs are words or stand in brackets (T13, T14), and dogs in yards."""

from __future__ import annotations

import time

import pytest

from gateway.minimise.text.spoken_emails import SpokenEmails


def found(text: str) -> list[str]:
    return [text[start:end] for start, end, _kind in SpokenEmails().find(text)]


@pytest.mark.parametrize(
    ("before", "said", "behind"),
    [
        ("почта ", "test собака example точка ком", ", жду"),
        ("", "тест.иванов собака мейл точка ру", ", жду"),
        ("", "тест точка иванов собака мейл точка ру", ""),
        ("пишите ", "test собака gmail.com", ""),
        ("", "test (at) example.com", ""),
        ("", "test[at]example[dot]com", ""),
        ("write to ", "test at example dot com", ""),
        ("", "synaq айқұлақ mail нүкте kz", " болады"),
        ("", "test@example точка com", ""),
        ("", "test(собака)example(точка)com", ""),
    ],
)
def test_an_address_in_words_is_found(before: str, said: str, behind: str) -> None:
    assert found(before + said + behind) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "у соседа собака лает. Сделайте что-нибудь",
        "Во дворе собака, точка",
        "собака гуляет у подъезда. нет воды",
        "look at kaspi.kz",
        "эт точка",
        "@ точка",
        "болевая точка дома",
        "көше айқұлақ",
    ],
)
def test_dogs_and_dots_stay(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", ["собака ", "a собака b точка ", "@", "at x dot ", "точка "])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began = time.perf_counter()

    assert isinstance(found(text), list)
    assert time.perf_counter() - began < 2.0
