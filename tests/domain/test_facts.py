"""domain rules, section 3, the table of facts: one test a row, or a side of it."""

from __future__ import annotations

from tests.support.shop import Shop
from tests.support.told import (
    back,
    cancel,
    confirm,
    correct,
    deliver,
    lose,
    order,
    refund_of_return,
    reject,
    release,
    ship,
    too_late,
)


def test_split_shipments_count_each_on_its_own() -> None:
    shop = Shop().given(order(5), ship(2, parcel="S1"), ship(3, parcel="S2"), reject(parcel="S2"))

    line = shop.line()

    assert (line.shipped, line.rejected, line.refuse_delivery, line.remaining) == (5, 3, 3, 2)


def test_a_release_without_items_is_of_all_lines_that_are_not_coming_soon() -> None:
    shop = Shop().given(order(2, 2, coming_soon=("2",)), release(), cancel())

    assert shop.page("1") == (0, 2, 0, 0)
    assert shop.page("2") == (2, 0, 0, 0)


def test_a_coming_soon_line_is_released_by_name() -> None:
    shop = Shop().given(order(2, coming_soon=("1",)), release(1), cancel())

    assert shop.page() == (1, 1, 0, 0)


def test_several_releases_add_up_and_are_capped() -> None:
    shop = Shop().given(order(3), release(1), release(1), release(2), cancel(3))

    assert shop.page() == (0, 3, 0, 0)


def test_a_release_heard_after_success_turns_the_units_back_to_requested() -> None:
    shop = Shop().given(order(2), cancel(2))
    assert shop.page() == (2, 0, 0, 0)

    shop.given(release())

    assert shop.page() == (0, 2, 0, 0)


def test_a_confirmation_without_items_is_of_all_of_that_cancellation() -> None:
    shop = Shop().given(order(3), release(), cancel(1), cancel(1, called="c2"), confirm())

    assert shop.page() == (1, 1, 0, 1)


def test_more_confirmed_than_cancelled_is_capped_and_a_discrepancy() -> None:
    shop = Shop().given(order(3), release(), cancel(1), confirm(2))

    assert shop.page() == (1, 0, 0, 2)
    assert shop.rules() == {"confirmed_more_than_cancelled"}


def test_a_confirmation_waits_for_its_cancellation() -> None:
    shop = Shop().given(order(3), release(), confirm(), cancel(2))

    assert shop.page() == (2, 0, 0, 1)
    assert shop.rules() == set()


def test_a_confirmation_of_a_refused_cancellation_moves_no_units() -> None:
    shop = Shop().given(order(3), release(), cancel(9), confirm())

    assert shop.page() == (0, 0, 0, 3)
    assert shop.rules() == {"confirmed_refused_cancellation"}


def test_a_seller_may_confirm_in_the_warehouses_stead() -> None:
    shop = Shop().given(order(3), release(), cancel(2), confirm(by="seller"))

    assert shop.page() == (2, 0, 0, 1)


def test_units_stay_requested_when_the_warehouse_says_too_late_until_they_ship() -> None:
    shop = Shop().given(order(3), release(), cancel(2), too_late())
    assert shop.page() == (0, 2, 0, 1)

    shop.given(ship(3))

    assert shop.page() == (0, 0, 2, 1)


def test_confirmed_then_shipped_units_cross_and_are_a_discrepancy_of_the_warehouse() -> None:
    shop = Shop().given(order(3), release(), cancel(2), confirm(), ship(3))

    assert shop.page() == (0, 0, 2, 1)
    assert "shipped_after_confirmation" in shop.rules()


def test_crossing_beyond_unconfirmed_units_only_is_a_discrepancy() -> None:
    shop = Shop().given(order(3), release(), cancel(2), confirm(1), ship(2))

    assert shop.page() == (1, 0, 1, 1)
    assert "shipped_after_confirmation" not in shop.rules()


def test_unconfirmed_units_cross_before_those_of_the_newest_cancellation() -> None:
    shop = Shop().given(
        order(2), release(), cancel(1, called="old"), cancel(1, called="new"), confirm(called="new")
    )

    shop.given(ship(1))

    old, new = shop.orders["A1"].goods().lines["1"].cancelled_by
    assert (old.crossed, new.crossed) == (1, 0)


def test_among_unconfirmed_units_the_newest_cancellation_crosses_first() -> None:
    shop = Shop().given(order(2), cancel(1, called="old"), cancel(1, called="new"), ship(1))

    old, new = shop.orders["A1"].goods().lines["1"].cancelled_by
    assert (old.crossed, new.crossed) == (0, 1)


def test_more_shipped_than_ordered_is_a_discrepancy_and_moves_no_money() -> None:
    shop = Shop().given(order(2), ship(3))

    assert (shop.page(), shop.line().shipped, shop.refunds()) == ((0, 0, 0, 2), 3, [])
    assert shop.rules() == {"over_shipped"}


def test_the_good_part_of_a_shipment_with_an_unknown_line_counts() -> None:
    both = [{"line_id": "1", "quantity": 2}, {"line_id": "9", "quantity": 1}]
    shipment = ship(1)
    shipment["data"]["items"] = both
    shop = Shop().given(order(2), shipment)

    assert shop.line().shipped == 2
    assert shop.rules() == {"unknown_line"}


def test_a_rejection_without_items_is_of_everything_the_parcel_holds() -> None:
    shop = Shop().given(order(3), ship(3), reject())

    assert shop.page() == (0, 0, 3, 0)
    assert shop.information().status == "returning"


def test_a_partial_rejection_says_nothing_about_the_rest() -> None:
    shop = Shop().given(order(3), ship(3), cancel(3), reject(1))

    assert shop.page() == (0, 0, 3, 0)
    assert shop.information().status == "refuse_delivery"


def test_more_rejected_than_the_parcel_holds_is_capped_and_a_discrepancy() -> None:
    shop = Shop().given(order(5), ship(2), reject(4))

    assert (shop.line().rejected, shop.page()) == (2, (0, 0, 2, 3))
    assert shop.rules() == {"rejected_more_than_parcel"}


def test_refused_unclaimed_and_undeliverable_count_alike() -> None:
    pages = {
        Shop().given(order(2), ship(2), reject(kind=kind)).page()
        for kind in ("refused", "unclaimed", "undeliverable")
    }

    assert pages == {(0, 0, 2, 0)}


def test_an_explicit_rejection_wins_over_a_delivery_for_its_units() -> None:
    shop = Shop().given(order(3), ship(3), cancel(3), deliver(), reject(2))

    line = shop.line()

    assert (line.delivered, line.rejected, line.refuse_delivery, line.lapsed) == (1, 2, 2, 1)


def test_a_delivery_wins_over_an_inferred_refusal() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), back(2), deliver())

    assert shop.page() == (0, 0, 0, 2)
    assert "more_back_than_crossed" in shop.rules()
    assert shop.refunds() == []


def test_a_return_of_accepted_units_is_a_case_and_moves_no_money() -> None:
    shop = Shop().given(order(2), ship(2), deliver(), back(1))

    assert shop.page() == (0, 0, 0, 2)
    assert "more_back_than_crossed" in shop.rules()
    assert shop.refunds() == []
    assert shop.information().status != "closed"


def test_the_cancellation_of_accepted_units_lapses() -> None:
    shop = Shop().given(order(3), ship(3), cancel(2), deliver())

    assert (shop.page(), shop.line().lapsed) == ((0, 0, 0, 3), 2)
    assert shop.information().status == "closed"


def test_accepted_units_count_as_wanted_ones_first() -> None:
    shop = Shop().given(order(4), ship(2, parcel="S1"), ship(2, parcel="S2"), cancel(2), deliver())

    assert (shop.page(), shop.line().lapsed) == ((0, 0, 2, 2), 0)


def test_wanted_units_refused_leave_remaining_and_are_refundable_when_back() -> None:
    shop = Shop().given(order(2), ship(2), reject())
    assert (shop.page(), shop.refunds()) == ((0, 0, 2, 0), [])

    shop.given(back(2))

    assert shop.page() == (2, 0, 0, 0)
    assert shop.refunds() == [(2000, "due", "goods_returned")]


def test_goods_back_before_anything_else_are_inferred_as_shipped() -> None:
    shop = Shop().given(order(2), cancel(2), back(2))

    assert shop.page() == (2, 0, 0, 0)
    assert shop.rules() == {"shipment_inferred", "rejection_inferred"}
    assert (shop.line().shipped, shop.line().rejected) == (0, 0)


def test_a_later_rejection_releases_the_money_of_wanted_units_that_came_back() -> None:
    shop = Shop().given(order(2), ship(2), back(2))
    assert shop.refunds() == []

    shop.given(reject())

    assert shop.refunds() == [(2000, "due", "goods_returned")]


def test_goods_back_in_several_deliveries_add_up_good_ones_first() -> None:
    shop = Shop().given(
        order(4), ship(3), cancel(3), back(damaged=1, called="R1"), back(2, called="R2")
    )

    ledger = shop.orders["A1"].goods().lines["1"].ledger

    assert (ledger.crossed0, ledger.back_good, ledger.back_bad) == (2, 2, 0)


def test_damaged_units_count_as_cancelled_and_are_a_case_without_money() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(), back(damaged=2))

    assert (shop.page(), shop.refunds()) == ((2, 0, 0, 0), [])
    assert "crossed_units_damaged" in shop.rules()
    assert shop.information().status == "cancelled"


def test_lost_crossed_units_count_as_cancelled_without_money() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), lose())

    assert (shop.page(), shop.refunds()) == ((2, 0, 0, 0), [])
    assert shop.rules() == {"crossed_units_lost"}


def test_lost_wanted_units_stay_remaining_and_cannot_be_cancelled() -> None:
    shop = Shop().given(order(2), ship(2), lose(1))

    assert (shop.page(), shop.line().cancellable) == ((0, 0, 0, 2), 1)
    assert shop.rules() == {"wanted_units_lost"}


def test_returned_and_delivered_units_win_over_lost_ones() -> None:
    returned = Shop().given(order(2), ship(2), cancel(2), lose(), back(2, shipment_id="S1"))
    delivered = Shop().given(order(2), ship(2), cancel(2), lose(), deliver())

    assert returned.refunds() == [(2000, "due", "goods_returned")]
    assert delivered.page() == (0, 0, 0, 2)


def test_units_lost_of_a_parcel_stay_lost_when_the_others_come_back() -> None:
    shop = Shop().given(order(3), ship(3), cancel(3), back(2, shipment_id="S1"), lose(1))

    ledger = shop.orders["A1"].goods().lines["1"].ledger

    assert (ledger.back_good, ledger.back_lost, ledger.cancelled) == (2, 1, 3)


def test_a_lost_parcel_is_not_to_be_refused_though_another_was_rejected() -> None:
    shop = Shop().given(
        order(2), ship(1, parcel="S1"), ship(1, parcel="S2"), cancel(), reject(parcel="S2")
    )
    assert shop.information().refuse_parcels == ("S1",)

    shop.given(lose(parcel="S1"))

    assert shop.information().status == "returning"
    assert shop.information().refuse_parcels == ()


def test_more_back_than_crossed_pays_for_crossed_units_only() -> None:
    shop = Shop().given(order(3), ship(3), cancel(1), back(2))

    assert shop.refunds() == [(1000, "due", "goods_returned")]
    assert "more_back_than_crossed" in shop.rules()


def test_units_that_nobody_ordered_keep_no_order_open_when_they_come_back() -> None:
    shop = Shop().given(order(2), ship(3), deliver(), back(1))

    assert shop.information().status == "closed"
    assert {"over_shipped", "more_back_than_crossed"} <= shop.rules()


def test_an_order_of_which_all_that_was_left_is_cancelled_is_never_shipped() -> None:
    shop = Shop().given(order(2, price="0"), cancel())

    assert shop.information().status == "cancelled"


def test_a_fact_about_a_closed_order_reopens_it() -> None:
    shop = Shop().given(order(2), ship(2), deliver())
    assert shop.information().status == "closed"

    shop.given(reject(1))

    assert shop.information().status == "returning"


def test_the_same_message_again_has_no_effect() -> None:
    shipment = ship(1)
    shop = Shop().given(order(3), shipment)

    assert shop.outcome(shipment) == "repeated"

    assert (shop.line().shipped, shop.information().version) == (1, 2)


def test_the_same_id_with_other_content_is_set_aside_and_shown() -> None:
    shipment = ship(1)
    shop = Shop().given(order(3), shipment)

    assert shop.outcome(ship(2) | {"id": shipment["id"]}) == "dead"

    assert shop.line().shipped == 1
    assert shop.rules() == {"id_in_use"}


def test_amounts_written_differently_are_the_same_content() -> None:
    placed = order(1, price="1.5")
    shop = Shop().given(placed)

    again = order(1, price="1.50") | {"id": placed["id"]}

    assert shop.outcome(again) == "repeated"


def test_the_same_shipment_id_in_another_message_adds_with_a_discrepancy() -> None:
    shop = Shop().given(order(3), ship(1), ship(1))

    assert shop.line().shipped == 2
    assert shop.rules() == {"shipment_id_used_again"}


def test_the_same_return_id_in_another_message_adds_with_a_discrepancy() -> None:
    shop = Shop().given(order(2), ship(2), cancel(2), reject(), back(1), back(1))

    assert shop.line().returned == 2
    assert shop.rules() == {"return_id_used_again"}


def test_a_second_order_with_equal_data_is_repeated_and_with_other_data_dead() -> None:
    shop = Shop().given(order(2))

    assert shop.outcomes([order(2), order(3)]) == ["repeated", "dead"]

    assert shop.line().ordered == 2
    assert shop.rules() == {"order_already_placed"}


def test_a_line_twice_in_one_fact_is_added_up() -> None:
    shipment = ship(1)
    shipment["data"]["items"] *= 2
    shop = Shop().given(order(3), shipment)

    assert shop.line().shipped == 2


def test_a_correction_replaces_what_a_fact_said() -> None:
    shipment = ship(3)
    shop = Shop().given(order(3), shipment, correct(shipment, ship(2)))

    assert (shop.line().shipped, shop.line().to_ship) == (2, 1)


def test_a_correction_without_data_takes_a_fact_back() -> None:
    shipment = ship(3)
    shop = Shop().given(order(3), shipment, correct(shipment))

    assert (shop.line().shipped, shop.line().to_ship) == (0, 3)


def test_a_correction_may_come_before_what_it_corrects() -> None:
    shipment = ship(3)
    shop = Shop().given(order(3), correct(shipment, ship(2)))
    assert shop.rules() == set()

    shop.given(shipment)

    assert shop.line().shipped == 2


def test_a_corrected_correction_gives_its_data_to_the_first_fact() -> None:
    shipment = ship(3)
    wrong = correct(shipment, ship(1))
    shop = Shop().given(order(3), shipment, wrong, correct(wrong, ship(2)))

    assert shop.line().shipped == 2


def test_a_correction_taken_back_leaves_the_fact_as_it_was() -> None:
    shipment = ship(3)
    wrong = correct(shipment, ship(1))
    shop = Shop().given(order(3), shipment, wrong, correct(wrong))

    assert shop.line().shipped == 3


def test_of_two_corrections_the_greatest_time_and_id_counts() -> None:
    shipment = ship(3)
    late = correct(shipment, ship(1), time="2026-02-01T00:00:00Z")
    early = correct(shipment, ship(2), time="2026-01-01T00:00:00Z")
    shop = Shop().given(order(3), shipment, late, early)

    assert shop.line().shipped == 1
    assert shop.rules() == {"several_corrections"}


def test_a_correction_of_a_command_has_no_effect() -> None:
    request = cancel(1)
    shop = Shop().given(order(3), request, correct(request, source=request["source"]))

    assert shop.page() == (1, 0, 0, 2)
    assert shop.rules() == {"correction_without_effect"}


def test_a_correction_from_another_source_has_no_effect() -> None:
    shipment = ship(3)
    shop = Shop().given(order(3), shipment, correct(shipment, source="/elsewhere"))

    assert shop.line().shipped == 3
    assert shop.rules() == {"correction_without_effect"}


def test_a_correction_with_another_types_data_has_no_effect() -> None:
    shipment = ship(3)
    shop = Shop().given(order(3), shipment, correct(shipment, back(1, shipment_id="S1")))

    assert shop.line().shipped == 3
    assert shop.rules() == {"correction_without_effect"}


def test_a_corrected_return_keeps_the_refund_id_of_its_message() -> None:
    first = back(1)
    shop = Shop().given(order(3), ship(3), cancel(3), reject(), first, correct(first, back(2)))

    (refund,) = shop.information().refunds

    assert (refund.refund_id, refund.amount) == (refund_of_return(first), 2000)


def test_a_correction_of_a_dead_letter_makes_its_data_count_and_resolves_it() -> None:
    broken = ship(0)  # no message of the contract: the shop never hears it
    shop = Shop().given(order(9)).set_aside(broken, "too_small")
    assert shop.rules() == {"too_small"}

    shop.given(correct(broken, ship(4)))

    assert shop.line().shipped == 4
    assert shop.rules() == set()


def test_a_dead_letter_does_not_claim_its_id() -> None:
    broken = ship(0)
    shop = Shop().given(order(9)).set_aside(broken, "too_small")

    assert shop.outcome(ship(2) | {"id": broken["id"]}) == "recorded"


def test_the_same_dead_letter_again_is_shown_once() -> None:
    broken = ship(0)
    shop = Shop().given(order(9)).set_aside(broken, "too_small").set_aside(broken, "too_small")

    assert shop.information().version == 2


def test_a_long_chain_of_corrections_is_followed_to_its_end() -> None:
    shipment = ship(1)
    chain = [shipment]
    for _ in range(2_000):
        chain.append(correct(chain[-1], ship(2)))
    shop = Shop().given(order(3), *chain)

    assert shop.line().shipped == 2


def test_money_asked_for_is_not_taken_back_by_a_correction_but_shown_at_large() -> None:
    first = back(2)
    shop = Shop().given(order(2), ship(2), cancel(2), reject(), first)
    assert shop.ask(refund_of_return(first)) == "recorded"

    shop.given(correct(first))

    assert [refund.state for refund in shop.information().refunds] == ["requested"]
    assert [(item.line_id, item.quantity) for item in shop.information().at_large] == [("1", 2)]
