from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.canonical import parse_path
from gateway.purpose.schemas import TaxonomySchema, conform
from gateway.purpose.taxonomy import CATEGORIES, UNSHARED, Taxonomy, compile_taxonomy, forbidden
from tests.unit.purpose.samples import OUR_MAPS, SMALL_MAPS, document


def compiled(tmp_path: Path, folder: Path) -> Taxonomy:
    found = document(tmp_path, (folder / "taxonomy.yaml").read_text("utf-8"))
    values, problems = conform(found, TaxonomySchema())
    assert values is not None
    taxonomy, more = compile_taxonomy(found, values)
    assert problems + more == []
    return taxonomy


def test_the_categories_are_the_ten_of_the_policy_and_operational() -> None:
    assert len(CATEGORIES) == 11
    assert UNSHARED < CATEGORIES
    assert "operational" in CATEGORIES


def test_the_pairs_are_the_six_of_section_5_of_the_policy(tmp_path: Path) -> None:
    found = compiled(tmp_path, OUR_MAPS)

    assert {name: sorted(purposes) for name, purposes in found.classes.items()} == {
        "managing_company": ["management_services", "resident_register", "service_request"],
        "marketplace_partner": ["goods_delivery", "service_fulfilment"],
        "payment_provider": ["payment"],
    }
    assert len(found.purposes) == 6


def test_names_are_kept_as_words_and_words_of_text_casefolded(tmp_path: Path) -> None:
    found = compiled(tmp_path, SMALL_MAPS).lexicon

    assert found.never == {("iin",), ("birth",), ("door", "code"), ("жсн",)}
    assert found.special[0].keys == {("health",), ("blood", "type"), ("мүгедектік",)}
    assert found.special[0].words == ("инвалид*", "мүгедек*", "қан тобы")
    assert found.special[0].refuse is False


FORBIDDEN = re.findall(
    r"\S+",
    """
iin resident_iin иин ИИН жсн id_document idDocument passport passport_number ID-Document birth_date birthDate
dateOfBirth
birthday gender sex citizenship nationality card_pan pan PAN cvv card_token card_mask card_holder iban payer_iban ip
payer_ip ipAddress user_agent ua device deviceId push_token usage_history rating_history intercom_code door_code lat lon
latitude longitude gps GPSLatitude photo photo_exif vehicle plate school password token access_token family relation
relatives holder spouse benefit_category benefitCategory disability diagnosis health_status religion trade_union
political_party sexual_orientation fingerprint criminal_record race ethnicity dna
национальность гражданство пол льгота льготная_категория инвалидность диагноз судимость отпечатки_пальцев паспорт
домофон код_двери пароль семья фото госномер школа вероисповедание профсоюз
ұлты нәсіл азаматтық жынысы туған_күні мүгедектік денсаулық дін кәсіподақ соттылық жеңілдік көпбалалы қан_тобы ДНҚ
куәлік төлқұжат домофон_коды отбасы мектеп құпиясөз көлік саусақ_ізі
""",
)
FREE = re.findall(
    r"\S+",
    """
premise premise_id personal_account address street house building entrance floor apartment city postal_code region
last_name first_name patronymic surname name phone email role ownership_share residents_count move_in_date total_area_m2
ticket text scope category priority created_at preferred_window contact callback_requested attachments id mime
order order_id service_code quantity price currency place window customer comment payment status payment_status
records charges payments payment_id paid_at paid_on amount period meters meter_id kind value unit taken_at debt notice
items sku title packages weight_g delivery mode point_code recipient cod_amount declared_value merchant_id terminal
water_usage job_id offer_expiry
callback_url return_url language description receipt_channel flow refund_of subject_id bin coordinates party third_party
discipline shipping zip_code companion spanish basis conscript mirage averages agency classical
улица дом квартира подъезд этаж лицевой_счёт телефон имя фамилия адрес город заявка оплата
көше үй пәтер кіреберіс қабат жеке_шот телефоны аты тегі мекенжай қала өтініш төлем ұлттық сәулет
""",
)


@pytest.mark.parametrize("key", FORBIDDEN)
def test_a_name_of_what_never_leaves_is_forbidden_in_any_spelling(our_taxonomy: Taxonomy, key: str) -> None:
    found = forbidden(parse_path(f'ticket."{key}".value'), our_taxonomy.lexicon)

    assert found is not None
    assert found.startswith(f"{key}: ")


@pytest.mark.parametrize("key", FREE)
def test_a_name_of_what_a_map_may_need_is_free(our_taxonomy: Taxonomy, key: str) -> None:
    found = forbidden(parse_path(f'"{key}"'), our_taxonomy.lexicon)

    assert found is None


@pytest.fixture(scope="module")
def our_taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    return compiled(tmp_path_factory.mktemp("taxonomy"), OUR_MAPS)
