"""A deployment whose recipients are the partners of this folder: their maps, their secrets, their servers.

The maps of `tests/data/partner_maps` stand over those of `purpose_maps`. They are kept apart because a gateway does not
start without the secrets that its recipients' files name, and a newcomer has none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from gateway.bootstrap import open_store
from gateway.clock import SystemClock
from gateway.model import Basis, CallerId
from tests.deployment import Deployment, Served, new_deployment, serving
from tests.partners import cdek, cloudpayments, freedompay, halyk, kaspi, onec, registry, yandex
from tests.partners.partner import Judge, replies
from tests.recipients import Authority, RecordingRecipient

PARTNER_MAPS: Final = Path(__file__).parents[1] / "data" / "partner_maps"
SECRETS: Final[Mapping[str, str]] = {
    "GATEWAY_SECRET_CDEK_TOKEN": cdek.TOKEN,
    "GATEWAY_SECRET_YANDEX_TOKEN": yandex.TOKEN,
    "GATEWAY_SECRET_FREEDOMPAY_KEY": freedompay.SECRET_KEY,
    "GATEWAY_SECRET_HALYK_TOKEN": halyk.TOKEN,
    "GATEWAY_SECRET_KASPI_KEY": kaspi.API_KEY,
    "GATEWAY_SECRET_CLOUDPAYMENTS_ID": cloudpayments.PUBLIC_ID,
    "GATEWAY_SECRET_CLOUDPAYMENTS_SECRET": cloudpayments.API_SECRET,
    "GATEWAY_SECRET_ONEC_LOGIN": onec.LOGIN,
    "GATEWAY_SECRET_ONEC_PASSWORD": onec.PASSWORD,
    "GATEWAY_SECRET_REGISTRY_KEY": registry.KEY,
}
JUDGES: Final[Mapping[str, tuple[str, Judge]]] = {
    "carrier-cdek-test": ("goods_delivery", cdek.judge),
    "carrier-yandex-test": ("goods_delivery", yandex.judge),
    "psp-freedompay-test": ("payment", freedompay.judge),
    "psp-halyk-test": ("payment", halyk.judge),
    "psp-kaspi-test": ("payment", kaspi.judge),
    "psp-cloudpayments-test": ("payment", cloudpayments.judge),
    "psp-registry-test": ("payment", registry.judge),
    "psp-status-test": ("payment", registry.judge),
    "mc-primer-1c": ("management_services", onec.judge),
}
_OWN_SECRETS: Final[Mapping[str, Mapping[str, str]]] = {  # the files in purpose_maps name none, so that they start
    "carrier-cdek-test": {"header": "Authorization", "scheme": "Bearer", "secret": "cdek_token"},
    "carrier-yandex-test": {"header": "Authorization", "scheme": "Bearer", "secret": "yandex_token"},
}


@dataclass(frozen=True, slots=True)
class Partners:
    """A running gateway, and each partner as a server that writes down what it gets."""

    served: Served
    recipients: Mapping[str, RecordingRecipient]
    deployment: Deployment


def lay_over(maps: Path) -> None:
    """Put the partners' maps over a copy of the project's, in place of the examples in other paths."""
    for file in (PARTNER_MAPS / "recipients").iterdir():
        shutil.rmtree(maps / "examples" / file.stem, ignore_errors=True)
    shutil.copytree(PARTNER_MAPS, maps, dirs_exist_ok=True)


@contextmanager
def partners(folder: Path, basis: Basis | None = None) -> Iterator[Partners]:
    """All partners as HTTPS servers, and a gateway in front of them with one caller that may ask for each.

    `basis` is what counts where that caller states none.
    """
    deployment = new_deployment(folder, **SECRETS)
    lay_over(deployment.maps)
    authority = Authority(folder)
    shutil.copy(authority.ca_file, deployment.maps / "partners.pem")
    deployment.make()
    deployment.token = deployment.add_caller("shop", tuple((who, what) for who, (what, _) in JUDGES.items()))
    if basis is not None:
        store = open_store(deployment.settings, deployment.keyring, SystemClock(), create=False)
        store.callers.set_basis(CallerId("shop"), basis)
        store.close()
    with ExitStack() as stack:
        recipients: dict[str, RecordingRecipient] = {}
        for who, (_, judge) in JUDGES.items():
            recipients[who] = stack.enter_context(RecordingRecipient(authority, replies(judge)))
            file = deployment.maps / "recipients" / f"{who}.yaml"
            _address(file, who, recipients[who].base_url)
        yield Partners(stack.enter_context(serving(deployment)), recipients, deployment)


def _address(path: Path, who: str, base_url: str) -> None:
    yaml = YAML()
    file: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"))
    file |= {"base_url": base_url, "ca_file": "partners.pem"}
    if who in _OWN_SECRETS:
        file["credentials"] = dict(_OWN_SECRETS[who])
    with path.open("w", encoding="utf-8") as written:
        yaml.dump(file, written)
