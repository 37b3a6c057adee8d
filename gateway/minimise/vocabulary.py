"""The words that programs name fields with: which names of keys may be kept, where a name may itself be personal.

A mirrored week of previews must tell an operator that `passport_number` came, and must not keep `{"ivanov": "wife"}`:
both look like a program's name. So a name is kept as it is only if the maps use it, or if every word in it is one of
the closed list below, of the maps, or of the taxonomy. Anything else is a keyed digest (law 4). A missing word costs a
digest where a name would have helped; a name too many would be someone's: when in doubt, the digest.

Promises: what is kept was written by the authors of the maps or of this list, in any order, and one digit at most.
It must never learn a word from a payload, and holds no word that is also someone's first name (bill, mark, max, will).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from gateway.canonical import Path, key_text, key_tokens
from gateway.model import Conceal, Snapshot

_SHAPE = re.compile(r"[^\W\d_][^\W\d]*(?:-[^\W\d]+)*[0-9]?\Z")  # words joined by _ or -, and one digit at the end
_LONGEST: Final = 48
_WORDS_MOST: Final = 6
_REMEMBERED: Final = 4096

_WRITTEN: Final = """
a access account accounts accuracy action active actual add additional address addresses advance age agent
agreement all allergy amount amounts apartment api app application approved archived area arrears arrival
article at attachment attachments attempt attribute attributes auth author authorised authorization authorized
back balance bank barcode base basket benefit benefits bic bik bin birth birthday block blood body bonus box
brand browser building business by calculated calendar call callback campaign cancel captured card cart cash
category cell center change channel charge charges check children chip citizenship city class clause clinic cod
code codes comment comments commission communication company complete condition config confirm confirmation
consent contact contacts content contract contragent coordinate coordinates corpus cost count counter country
county courier created credit currency current custom customer data date day days deadline debt declined deleted
deliver delivered delivery department description destination detail details device diagnosis difference digits
dimensions direction disability discount distance district doc document documents door doorbell draft due
duration edit education element email employee employer enabled end entity entrance entry error errors estimate
event events exact expected expires expiry ext external extra fail failed family fax fee feedback fias field
fields file files fine fio first flag flags flat floor for form format fragile free freight from full fullname
function gender geo given goods gross group groups guest guid handling hash header health height hidden hint
history hobby holder home host hour hours house housing iban icon id identifier identity ids iin illness image
images in income index individual info information inn input insurance intercom internal interval invoice ip is
issue issued item items job kbe key keys kind kitchen kladr knp label landlord language last lat latitude lease
legal length level lift line lines link links list loc local locale locality location locked login lon longitude
lot loyalty mail main manufacturer marital marker married mask masked material measure media medical member
members memo merchant message messages messenger meta metadata meter meters method middle min minute mobile mode
model module money month more name names nationality neighbour neighbours net new next nickname night no note
notes notification notify number numbers object occupation of offer office okato oktmo old on online operation
operator option options order orders origin other outer overdue owner ownership package packages page paid
parcel parcels parent part partner party passport password patronymic pay payer payment payments penalty pending
pension percent period permission person personal persons pet pets pg phone phones photo photos pickup pin place
places plan plate platform point points policy porch position post postal price prices primary print priority
private problem product products profile project promo property provider public purchase purpose qty quality
quantity question rate rating ratings raw reason receipt receiver recipient record records redirect ref
reference referral refund refunded region register registration relation relations relationship relative
relatives religion remark remarks rent reply report request requests required reserve resident residents
resource response rest result return role room rooms route routes row rule salary sale salt schedule scope score
second secret section security seller send sender sent serial series service services session sex sflat sfloor
share shipment shipper shipping shop short sig sign signature size sku slot sms snils source special spouse
square stage start state status step stock stop storage store street string sub subject subscription subsidy
subtotal success sum supplier support surname swift system tag tags target tariff tax taxpayer tel telegram
telephone template tenancy tenant term terminal terms test text thing threshold ticket time times tin title to
token total town tracking transaction transfer type types unit units unpaid until update updated upload uri url
urls usage user username utility vacation valid validity value values vat vehicle vendor verified version viber
video view visible visit volume ware warehouse warranty water way wechat week weight whatsapp width window with
work year years zip zone адрес ай алушы атауы аты аудан бағасы вид выдан год город дата день договор документ
долг должность дом жилец жылы жіберуші жөні заказ имя индекс итого квартира кем код коды количество комментарий
корпус күні көше лицевой мекенжай мекенжайы место месяц мәртебе название наименование начисление начисления
номер нөмір нөмірі область облыс описание оплата отправитель отчество пеня период платеж плательщик платёж
площадь подъезд показание показания пол получатель почта пошта примечание пәтер работы район рождения саны серия
сипаттама собственник сома статус страна сумма счет счетчик счёт счётчик тапсырыс тауар тегі тел телефон тип
товар түрі түсініктеме төлем төлеуші улица фамилия фио цена шарт шот эл этаж қала құжат үй әкесінің
"""
WORDS: Final = frozenset(_WRITTEN.split())
"""What the names of fields are made of in the APIs of partners and platforms, and plain English of trade."""


class Vocabulary:
    """The names that may be kept, and the digest of any other."""

    def __init__(self, snapshot: Snapshot, conceal: Conceal) -> None:
        self._conceal = conceal
        self._keys = frozenset(step.key for path in _paths(snapshot) for step in path)
        self._words = WORDS | snapshot.words | {word for key in self._keys for word in key_tokens(key)}
        self._spelled: dict[str, str] = {}

    def spell(self, key: str) -> str:
        """A key as it may stand in a path that is kept."""
        spelled = self._spelled.get(key)
        if spelled is None:
            if not self._is_known(key):
                return self._conceal(key)  # not remembered here: it may be a person's
            spelled = key_text(key)
            if len(self._spelled) < _REMEMBERED:
                self._spelled[key] = spelled
        return spelled

    def conceal(self, text: str) -> str:
        """The digest of a text, whatever it is."""
        return self._conceal(text)

    def _is_known(self, key: str) -> bool:
        if key in self._keys:
            return True
        if len(key) > _LONGEST or _SHAPE.match(key) is None:
            return False
        words = key_tokens(key)
        return 0 < len(words) <= _WORDS_MOST and all(word in self._words for word in words)


def _paths(snapshot: Snapshot) -> Iterable[Path]:
    """Every path that a map names."""
    for one in snapshot.maps.values():
        for rule in one.fields:
            yield from (rule.path, *rule.sources, *(match.path for table in rule.when for match in table))
        yield from (served.path for served in one.serves)
        if one.subject_from is not None:
            yield one.subject_from
