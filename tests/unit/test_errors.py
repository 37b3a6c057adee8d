from __future__ import annotations

from gateway.errors import ConfigError, EnvelopeRejected, GatewayError, LogUnavailable, PurposeMapError


def test_a_list_of_problems_tells_every_one() -> None:
    error = PurposeMapError(["a.yaml:1: x: expected y", "b.yaml:2: z: expected w"], hint="mend both")

    assert error.problems == ("a.yaml:1: x: expected y", "b.yaml:2: z: expected w")
    assert str(error).count("\n") == 1
    assert error.hint == "mend both"


def test_every_code_is_stable_and_says_what_it_is() -> None:
    codes = {cls.__name__: cls.code for cls in (ConfigError, PurposeMapError, LogUnavailable)}

    assert codes == {
        "ConfigError": "config_invalid",
        "PurposeMapError": "maps_invalid",
        "LogUnavailable": "log_unavailable",
    }


def test_a_rejected_envelope_names_its_check() -> None:
    assert EnvelopeRejected("rewound", "an older checkpoint").check == "rewound"
    assert GatewayError("x").hint == ""
