"""What recipients call things: the other names of the class maps' fields, and the words that tell whose a value is.

Data, in English, Russian, Kazakh and the transliterations that interfaces use. A name is compared by its words, in any
spelling; `parent.key` is a key that says nothing without the one above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from gateway.canonical import key_tokens

OTHER_NAMES: Final[Mapping[str, str]] = {
    "phone": "tel telephone mobile msisdn cell phone_number phones.number phone.number contact_phone recipient_phone "
    "customer_phone телефон тел номер_телефона мобильный контактный_телефон телефоны.номер ұялы "
    "телефон_нөмірі pg_user_phone",
    "email": "mail e_mail email_address почта эл_почта электронная_почта пошта электрондық_пошта pg_user_contact_email",
    "name": "fio full_name fullname contact_name person_name recipient_name customer_name contact.name фио имя "
    "полное_имя получатель_имя аты аты_жөні тегі_аты",
    "first_name": "given_name firstname имя аты",
    "last_name": "family_name surname lastname фамилия тегі",
    "patronymic": "middle_name отчество әкесінің_аты",
    "line": "address full_address address_line address_text address.fullname address.full адрес полный_адрес мекенжай",
    "address": "full_address address_line fullname address.fullname address.full адрес мекенжай",
    "city": "town locality settlement city_name город населённый_пункт населенный_пункт қала",
    "town": "city locality settlement city_name город населённый_пункт населенный_пункт қала",
    "street": "street_name avenue улица көше көшесі ulitsa",
    "house": "building house_number home дом номер_дома үй",
    "building": "korpus block корпус строение",
    "entrance": "porch подъезд кіреберіс podezd",
    "floor": "sfloor storey level этаж қабат etazh",
    "apartment": "flat sflat room unit квартира кв пәтер kvartira",
    "postal_code": "zip zipcode zip_code postcode post_code index postal_index индекс почтовый_индекс пошта_индексі",
    "order_id": "order order_number order_no number invoice invoice_id invoice_number external_id merchant_order_id "
    "tracking_id заказ номер_заказа счёт номер_счёта тапсырыс тапсырыс_нөмірі pg_order_id txn_id account.order",
    "id": "ticket_id request_id request_number заявка номер_заявки өтінім_нөмірі",
    "sku": "ware_key article vendor_code item_code product_code product_id артикул код_товара тауар_коды",
    "title": "name product_name item_name наименование название тауар_атауы атауы",
    "label": "title name product_name item_name наименование название тауар_атауы атауы",
    "quantity": "qty count amount pieces количество кол_во саны",
    "price": "unit_price цена баға бағасы",
    "declared_value": "cost cost_value insurance_value assessed_value declared_cost оценка объявленная_ценность",
    "cod_amount": "cod cash_on_delivery payment.value payment наложенный_платёж наложенный_платеж",
    "amount": "sum total total_sum price pg_amount out_sum сумма итого сома сомасы",
    "currency": "currency_code pg_currency валюта",
    "description": "pg_description payment_purpose назначение описание сипаттама",
    "language": "lang locale pg_language язык тіл",
    "callback_url": "post_link callback notify_url notification_url result_url pg_result_url webhook_url",
    "return_url": "back_link success_url redirect_url pg_success_url return_link",
    "merchant_id": "merchant pg_merchant_id shop_id merchant_login мерчант",
    "terminal": "terminal_id терминал",
    "payment_id": "transaction_id txn pg_payment_id платёж номер_платежа төлем_нөмірі",
    "paid_at": "payment_date pay_time date дата_оплаты төлем_күні",
    "status": "state result статус күйі",
    "period": "month billing_period период месяц ай кезең",
    "personal_account": "account account_number лицевой_счёт лицевой_счет лицевой жеке_шот дербес_шот",
    "text": "description message body problem текст сообщение описание мәтін",
    "comment": "note notes remark remarks комментарий примечание түсініктеме ескерту",
    "kind": "type point_type вид тип түрі",
    "weight_g": "weight weight_grams вес масса салмағы",
    "weight_kg": "weight weight_kilograms вес масса салмағы",
    "length_mm": "length длина ұзындығы",
    "width_mm": "width ширина ені",
    "height_mm": "height высота биіктігі",
    "length_cm": "length длина ұзындығы",
    "width_cm": "width ширина ені",
    "height_cm": "height высота биіктігі",
    "point_code": "delivery_point pickup_point_code pvz pvz_code пункт_выдачи",
    "mode": "delivery_type delivery_mode способ_доставки",
}
"""By the last key of a class's field: what the same is called elsewhere."""

WHOSE: Final[Mapping[str, str]] = {
    "recipient": "recipient receiver consignee addressee customer client buyer to destination delivery payer resident "
    "tenant contact user person получатель покупатель клиент заказчик житель плательщик алушы тұрғын төлеуші",
    "sender": "sender shipper from source pickup warehouse seller отправитель склад продавец жіберуші",
    "items": "items item goods products positions wares товары товар позиции тауарлар",
    "packages": "packages package parcels places boxes места грузы",
    "charges": "charges charge accruals начисления начисление есептеулер",
    "payments": "payments payment оплаты оплата платежи төлемдер",
    "meters": "meters meter readings показания счётчики счетчики есептегіштер",
    "attachments": "attachments attachment files вложения файлы тіркемелер",
    "points": "points route_points waypoints stops точки маршрут",
}
"""Words above a key that tell whose, or of what, a value is: two of different groups never bind."""

PEOPLE: Final = (
    "recipient receiver consignee addressee customer client buyer payer resident tenant contact person sender owner "
    "user applicant contragent получатель покупатель клиент заказчик житель плательщик контакт отправитель владелец "
    "алушы тұрғын төлеуші иесі"
)
"""Objects that are people: nothing in them is a constant of an API."""

ABOUT_PEOPLE: Final = (
    "name fio surname patronymic login nickname phone tel mobile email mail address street house flat apartment city "
    "town locality floor entrance porch postal zip index location coordinates comment note message text description "
    "account subject person резидент имя фамилия отчество фио телефон почта адрес улица дом квартира город индекс "
    "координаты комментарий примечание лицевой счёт счет аты тегі мекенжай көше үй пәтер қала пошта түсініктеме"
)
"""Words of keys whose values tell something of a person."""

ABOUT_MONEY: Final = (
    "amount sum price cost total balance debt paid payment charge fee value quantity count weight сумма цена "
    "стоимость долг баланс начисление оплата сома баға қарыз төлем"
)
"""Words of keys whose numbers are billing or measures, and no constants."""

LISTED: Final = (
    "type kind code status state currency country lang language mode unit method format version locale category "
    "channel tariff action vat level point order step position тип вид код статус валюта страна язык способ единица "
    "версия тариф түрі коды күйі тіл"
)
"""Words of keys whose few values an API lists."""


_FIELDS_OF_PEOPLE: Final = (
    *("phone", "email", "name", "first_name", "last_name", "patronymic", "line", "city", "street", "house", "building"),
    *("entrance", "floor", "apartment", "postal_code", "personal_account"),
)


@cache
def words(text: str) -> frozenset[str]:
    """The single words of one of the lists above."""
    return frozenset(token for one in text.split() for token in key_tokens(one))


@cache
def other_names(field_key: str) -> frozenset[tuple[str, ...]]:
    """The other names of a class's field, each as its words; of `parent.key` the words of both."""
    return frozenset(key_tokens(one) for one in OTHER_NAMES.get(field_key, "").split())


@cache
def about_people() -> frozenset[tuple[str, ...]]:
    """What fields that speak of people are called elsewhere."""
    return frozenset().union(*(other_names(key) for key in _FIELDS_OF_PEOPLE))


def parts(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every run of words in a name."""
    return (tokens[start:end] for start in range(len(tokens)) for end in range(start + 1, len(tokens) + 1))


@cache
def whose(key: str) -> frozenset[str]:
    """The groups of WHOSE that a key speaks of."""
    tokens = set(key_tokens(key))
    return frozenset(group for group, listed in WHOSE.items() if tokens & words(listed))
