"""What an operator sees of a service at work, some of which waits."""

from __future__ import annotations

from typing import Any


def flowing() -> dict[str, Any]:
    """How fast everything flows meanwhile."""
    topics = {
        "storefront": 212.0,
        "warehouse": 384.0,
        "payments": 36.0,
        "orders": 640.0,
        "warehouse-requests": 22.0,
        "payment-requests": 9.0,
        "buyer-notices": 41.0,
    }
    return {
        "recorded": 640.0,
        "of_process": 58.0,
        "followers": {
            "views": {"works": True, "rate": 638.0},
            "process": {"works": True, "rate": 638.0},
            "publish": {"works": True, "rate": 598.0},
        },
        "topics": {f"countermand.{topic}": rate for topic, rate in topics.items()},
    }


def standing() -> dict[str, Any]:
    """Where everybody stands, while some of it waits."""
    topics = ("storefront", "warehouse", "payments")
    partitions = [
        {"topic": f"countermand.{topic}", "partition": number, "position": 900 + number,
         "end": 900 + 3 * number, "lag": 2 * number if topic == "warehouse" else 0,
         "stopped": None}
        for topic in topics for number in range(4)
    ]  # fmt: skip
    followers = [
        {"name": "views", "position": "4812", "behind": 0, "delay_seconds": 0.0},
        {"name": "process", "position": "4812", "behind": 0, "delay_seconds": 0.0},
        {"name": "publish", "position": "4790", "behind": 22, "delay_seconds": 1.25},
    ]
    return {
        "well": False,
        "position": "4812",
        "followers": followers,
        "partitions": partitions,
        "cases": {"open": 11, "overdue": 1},
        "parked": 30,
        "dead_letters": {"open": 30},
        "other_keys": {},
        "wrong": ["30 open dead letters", "publish is 22 events behind"],
    }
