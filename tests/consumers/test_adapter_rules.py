"""The rules that read ids are a file; one that cannot be used says which of them is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.epcis import translate
from consumers.epcis.identifiers import identifier
from consumers.outside.memory import Remembered
from consumers.outside.rules import BadRules, EpcisRules, default_text, load
from tests.support.capturing import (
    DOCK_ID,
    LAMP,
    MUG,
    Came,
    Event,
    came,
    document,
    returns,
    ships,
    single,
    transaction,
)


def rules(tmp_path: Path, text: str) -> EpcisRules:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return load(path).epcis


def capture(told: Event, by: EpcisRules) -> Came:
    return came(translate(document(told), by, Remembered()))


def test_a_file_names_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")

    assert load(tmp_path / "empty.toml") == load()
    changed = rules(tmp_path, '[epcis]\nsource = "/leipzig"')
    assert changed == load().epcis.model_copy(update={"source": "/leipzig"})


def test_a_line_is_named_by_a_table_of_products(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        """
        [[epcis.line_id]]
        from = "item"
        kind = "gtin"
        values = { "9521141123454" = "mugs" }
        """,
    )

    ((_, _, _, data),) = capture(ships(), by).said
    assert data["items"] == [{"line_id": "mugs", "quantity": 2}]
    assert capture(ships(epcList=single(LAMP, 1)), by).dead == [
        ("epcisBody.eventList[0].epcList[0]", "no_line_id")
    ]


def test_a_line_is_found_in_an_epc_by_a_pattern_before_it_is_looked_up(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        """
        [[epcis.line_id]]
        from = "item"
        pattern = 'urn:epc:id:sgtin:[0-9.]+\\.O[0-9]+-(?P<id>L[0-9]+)-[0-9]+'
        [[epcis.line_id]]
        from = "item"
        kind = "gtin"
        """,
    )
    told = ships(epcList=[f"urn:epc:id:sgtin:{MUG}.O1-L2-7", *single(MUG, 8)])

    ((_, _, _, data),) = capture(told, by).said
    assert [item["line_id"] for item in data["items"]] == ["L2", "09521141123454"]


def test_an_order_is_read_from_a_destination(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        """
        [[epcis.order_id]]
        from = "destination"
        type = "owning_party"
        pattern = 'https://shop\\.example/customers/[^/]+/orders/(?P<id>[^/]+)'
        """,
    )
    told = ships(
        destinationList=[
            {"type": "location", "destination": "urn:epc:id:sgln:9521141.00007.0"},
            {
                "type": "urn:epcglobal:cbv:sdt:owning_party",
                "destination": "https://shop.example/customers/7/orders/O-77",
            },
        ]
    )

    (message,) = translate(document(told), by, Remembered()).messages
    assert message.order_id == "O-77"


def test_places_are_named_by_a_table(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        f"""
        [[epcis.warehouse_id]]
        from = "bizLocation"
        [[epcis.warehouse_id]]
        from = "readPoint"
        values = {{ "{DOCK_ID}" = "leipzig" }}
        """,
    )
    nowhere = {"id": "urn:epc:id:sgln:9521141.00009.0"}

    assert capture(ships(), by).said[0][3]["warehouse_id"] == "leipzig"
    assert "warehouse_id" not in capture(ships(readPoint=nowhere), by).said[0][3]


def test_a_return_is_read_from_another_document(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        """
        [[epcis.return_id]]
        from = "bizTransaction"
        type = "https://shop.example/return-slip"
        """,
    )
    told = returns()
    told["bizTransactionList"] = [
        transaction("po", "O1"),
        {"type": "https://shop.example/return-slip", "bizTransaction": "urn:slip:77"},
    ]

    assert capture(told, by).said[0][3]["return_id"] == "77"


def test_other_steps_and_dispositions(tmp_path: Path) -> None:
    by = rules(
        tmp_path,
        """
        [epcis]
        shipping = ["https://shop.example/steps/handed-over"]
        shipping_dispositions = ["in_transit", "in_progress"]
        damaged = ["expired"]
        """,
    )
    told = ships(bizStep="https://shop.example/steps/handed-over", disposition="in_progress")

    assert len(capture(told, by).said) == 1
    assert capture(ships(), by) == Came([], [], 1)
    assert capture(returns(disposition="expired"), by).said[0][3]["items"][0]["condition"] == (
        "damaged"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1", "not x"),
        ("[shops]", "not shops"),
        ("epcis = 1", "not epcis"),
        ("[epcis\n", "cannot be read"),
        ("[epcis]\nstuff = 1", "epcis.stuff"),
        ('[epcis]\nsource = ""', "epcis.source"),
        ('[epcis]\nshipping = "shipping"', "epcis.shipping"),
        ('[[epcis.order_id]]\nfrom = "sky"', "epcis.order_id.0.from"),
        ('[[epcis.order_id]]\nfrom = "epc"\npattern = "("', "is no regular expression"),
        ('[[epcis.order_id]]\nfrom = "epc"\npattern = "x"', "must have a group named id"),
        ('[[epcis.order_id]]\nfrom = "epc"\ntype = "po"', "has no type"),
        ('[[epcis.order_id]]\nfrom = "item"', "an event has many"),
        ('[[epcis.line_id]]\nfrom = "epc"', "must be read from = 'item'"),
        ('[[epcis.line_id]]\nfrom = "item"\nvalues = 3', "epcis.line_id.0.values"),
        ('[carrier.statuses]\nX = "eaten"', "carrier.statuses.X"),
        ('[carrier]\nstatus = [{ path = "a..b" }]', "carrier.status.0.path"),
        ("[carrier]\ntime = []", "carrier.time"),
    ],
)
def test_bad_rules_are_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)

    with pytest.raises(BadRules, match=r"rules\.toml") as bad:
        load(path)
    assert says in str(bad.value)


def test_a_file_of_rules_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_every_default_rule_is_explained() -> None:
    """A line of the file that gives a rule has words above it, or is one of a list that has."""
    lines = default_text().splitlines()

    for place, line in enumerate(lines):
        if line.startswith("[[epcis.") and lines[place - 1] != "":
            assert lines[place - 1].startswith("#"), line


@pytest.mark.parametrize(
    ("uri", "kind", "text"),
    [
        ("urn:epc:id:sgtin:4012345.011111.987", "gtin", "04012345111118"),
        ("urn:epc:id:sgtin:4012345.011111.9.8%2F7", "gtin", "04012345111118"),
        ("urn:epc:class:lgtin:4012345.011111.L1", "gtin", "04012345111118"),
        ("urn:epc:idpat:sgtin:4012345.011111.*", "gtin", "04012345111118"),
        ("urn:epc:idpat:sgtin:4012345.*.*", "other", "4012345.*.*"),
        ("urn:epc:id:sgtin:4012345.1.987", "other", "4012345.1.987"),
        ("https://id.gs1.org/01/04012345111118/21/987", "gtin", "04012345111118"),
        ("http://a.example/b/01/4012345111118?x=/01/1", "gtin", "04012345111118"),
        ("urn:epc:id:sscc:9521141.0000000017", "sscc", "095211410000000175"),
        ("https://id.gs1.org/00/095211410000000175", "sscc", "095211410000000175"),
        ("urn:epc:id:sgln:9521141.00001.7", "gln", "9521141000014"),
        ("urn:epc:id:pgln:9521141.00001", "gln", "9521141000014"),
        ("https://id.gs1.org/414/9521141000014/254/7", "gln", "9521141000014"),
        ("urn:epc:id:gdti:9521141.00001.A%2F7", "gdti", "A/7"),
        ("https://id.gs1.org/253/9521141000018A7", "gdti", "A7"),
        ("urn:epcglobal:cbv:bt:9521141000003:A%2F7", "bt", "A/7"),
        ("urn:epcglobal:cbv:bt:A7", "bt", "A7"),
        ("urn:epc:id:cpi:9521141.PQ7.12", "other", "9521141.PQ7.12"),
        ("plain", "other", "plain"),
    ],
)
def test_identifiers_are_understood(uri: str, kind: str, text: str) -> None:
    assert identifier(uri) == (kind, text)
