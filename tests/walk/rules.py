"""The terms of the walk: every deadline is one unit of time away, so that one jump passes all."""

from __future__ import annotations

from application.late_cancellations import Rules
from domain.late_cancellation import Terms
from domain.refunds import Policy
from tests.support.shop import DAY

UNIT = DAY
TERMS = Terms(
    stop=UNIT,
    refusal=UNIT,
    back=UNIT,
    rest=UNIT,
    case=UNIT,
    payment=2 * UNIT,
    retry_first=UNIT,
    retry_longest=UNIT,
)
RULES = Rules(Policy(maximum_hold=2 * UNIT), TERMS)
