from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path as FilePath
from tempfile import mkdtemp

from gateway.minimise import compile_projection
from gateway.model import PurposeId, RecipientId, Snapshot
from gateway.purpose import load_snapshot
from gateway.purpose.explained import Language, Sources, Voice, read_sources
from tests.unit.purpose.samples import OUR_MAPS, TESTS


def _over_ours(name: str) -> FilePath:
    """Maps that stand over those of the project: the real forms of recipients' APIs, what recipients may ask us for."""
    folder = FilePath(mkdtemp(prefix=f"{name}-"))
    atexit.register(shutil.rmtree, folder)
    shutil.copytree(OUR_MAPS, folder, dirs_exist_ok=True)
    shutil.copytree(TESTS / "data" / name, folder, dirs_exist_ok=True)
    return folder


PARTNERS = _over_ours("partner_maps")
PULLS = _over_ours("pull_maps")
RU, KK, EN = Voice(Language.RU), Voice(Language.KK), Voice(Language.EN)
CDEK = ("carrier-cdek-test", "goods_delivery")


@cache
def loaded(folder: FilePath) -> Snapshot:
    return load_snapshot(folder, compile_projection)


@cache
def sources(recipient: str, purpose: str, folder: FilePath = OUR_MAPS) -> Sources:
    """What the explanation of one pair is made of."""
    return read_sources(folder, loaded(folder).maps[RecipientId(recipient), PurposeId(purpose)])


@cache
def asked(recipient: str, number: int = 0) -> Sources:
    """What the explanation of something that a recipient may ask for is made of."""
    pulls = [one for one in loaded(PULLS).pulls if one.recipient == recipient]
    return read_sources(PULLS, pulls[number].map, (number, pulls[number]))
