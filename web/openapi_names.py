"""Names that generators make functions and classes of: of calls, and of lists of words."""

from __future__ import annotations

from typing import Any, Literal, get_args

from consumers.fields import BuyerReason, Party, Reason, SellerReason
from domain.claims import Kind
from domain.coming_back import When
from domain.events import CaseOutcome
from domain.payments import RefundState
from domain.preview import Result
from domain.process_events import WaitsFor
from domain.status import Status
from web.shapes.lists import CaseState
from web.shapes.operating import LetterState, Outcome

_CALLS = {
    "order_information": "getOrder",
    "history": "getOrderHistory",
    "timeline": "getOrderTimeline",
    "preview": "previewCancellation",
    "cancel": "cancelOrder",
    "withdraw": "withdrawCancellation",
    "confirm": "confirmCancellation",
    "refund": "refundByHand",
    "buyers_orders": "listBuyersOrders",
    "sellers_orders": "listSellersOrders",
    "cancelled_orders": "listCancelledOrders",
    "refunds": "listRefunds",
    "cases": "listLateCancellations",
    "decide": "decideCase",
    "exposure": "getExposure",
    "conformance": "getConformance",
    "status": "getStatus",
    "parked": "listParkedMessages",
    "dead_letters": "listDeadLetters",
    "dead_letter": "getDeadLetter",
    "retry": "retryDeadLetter",
    "drop": "dropDeadLetter",
    "take": "sendMessage",
    "problem": "explainProblem",
    "live": "isLive",
    "ready": "isReady",
    "metrics": "getMetrics",
}
_WORDS: dict[str, Any] = {
    "OrderStatus": Status,
    "RefundState": RefundState,
    "RefundKind": Kind,
    "CancellationReason": Reason,
    "BuyerReason": BuyerReason,
    "SellerReason": SellerReason,
    "CancellationResult": Result,
    "CancellingParty": Party,
    "ComesBack": When,
    "CaseOutcome": CaseOutcome,
    "CaseState": CaseState,
    "WaitsFor": WaitsFor,
    "MessageOutcome": Outcome,
    "LetterState": LetterState,
    "LettersState": Literal[LetterState, "all"],
    "StoryOf": Literal["order", "process"],
}
_BY_WORDS = {frozenset(get_args(words)): name for name, words in _WORDS.items()}


def operation_id(function: str) -> str:
    """What a call is known as, by the function that answers it."""
    if function in _CALLS:
        return _CALLS[function]
    first, *rest = function.split("_")
    return first + "".join(word.capitalize() for word in rest)


def name_words(document: dict[str, Any]) -> None:
    """Let each list of words stand once, under a name, instead of wherever it is used."""
    named: dict[str, Any] = {}
    for part in ("paths", "components"):
        document[part] = _with_names(document[part], named)
    document["components"]["schemas"] |= named


def _with_names(part: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    if isinstance(part, list):
        return [_with_names(one, named) for one in part]
    if not isinstance(part, dict):
        return part
    name = _BY_WORDS.get(frozenset(part["enum"])) if _is_list(part) else None
    if name is None:
        return {key: _with_names(value, named) for key, value in part.items()}
    named[name] = {"type": "string", "enum": list(get_args(_WORDS[name])), "title": name}
    beside = {key: part[key] for key in ("description", "default", "examples") if key in part}
    return {"$ref": f"#/components/schemas/{name}", **beside}


def _is_list(part: dict[str, Any]) -> bool:
    return part.get("type") == "string" and isinstance(part.get("enum"), list)
