"""Faults planted in a copy of the domain: each must be found by the oracle, or no test would."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 3_000


class Fault(NamedTuple):
    """One change to one file of the domain, named by the law that it breaks."""

    law: str
    file: str
    right: str
    wrong: str


FAULTS = [
    Fault(
        "units are conserved",
        "ledger.py",
        "stopped = counts.cancelled - crossed0",
        "stopped = counts.cancelled",
    ),
    Fault(
        "what came back must have left",
        "ledger.py",
        "reported_left = max(counts.shipped, came_back)",
        "reported_left = counts.shipped",
    ),
    Fault(
        "accepted units count as wanted ones first",
        "ledger.py",
        "crossed0 - max(0, reported_left - counts.accepted)",
        "min(crossed0, counts.accepted)",
    ),
    Fault(
        "a rejection of wanted units cancels them",
        "ledger.py",
        "max(crossed0 - lapsed, min(counts.rejected, left))",
        "crossed0 - lapsed",
    ),
    Fault(
        "released units need a confirmation",
        "ledger.py",
        "counts.confirmed + never_released",
        "counts.ordered",
    ),
    Fault(
        "good units fill crossed ones before damaged ones",
        "ledger.py",
        "good = min(counts.returned_good, crossed)",
        "good = min(counts.returned_good, max(0, crossed - counts.returned_bad))",
    ),
    Fault(
        "delivered units cannot be cancelled",
        "ledger.py",
        "kept - counts.accepted - (counts.lost - lost)",
        "kept - (counts.lost - lost)",
    ),
    Fault(
        "amounts round half up", "money.py", "2 * amount * units + quantity", "2 * amount * units"
    ),
    Fault(
        "a discount goes to the largest remainder",
        "money.py",
        "-(total * weights[place] % whole), place",
        "place, place",
    ),
    Fault(
        "a message counts once",
        "order.py",
        "if earlier is None:",
        "if earlier is None or earlier is not None:",
    ),
    Fault(
        "coming-soon lines are released by name only",
        "goods.py",
        "self.released_whole and not line.coming_soon",
        "self.released_whole",
    ),
    Fault(
        "unconfirmed units cross first",
        "attribution.py",
        "for unconfirmed_only in (True, False):",
        "for unconfirmed_only in (False,):",
    ),
    Fault(
        "the newest cancellation crosses first",
        "attribution.py",
        "range(len(cancellations) - 1, -1, -1)",
        "range(len(cancellations))",
    ),
    Fault(
        "of several corrections the greatest counts",
        "corrections.py",
        "newest = max(standing",
        "newest = min(standing",
    ),
    Fault(
        "only the source of a message corrects it",
        "corrections.py",
        "if correction.source == root.source]",
        "]",
    ),
    Fault(
        "an explicit rejection wins over a delivery",
        "parcels.py",
        "return self.holds.get(line_id, 0) - self.rejected(line_id)",
        "return self.holds.get(line_id, 0)",
    ),
    Fault(
        "what returned is not lost",
        "parcels.py",
        "self.holds.get(line_id, 0) - self.accepted(line_id) - back",
        "self.holds.get(line_id, 0)",
    ),
    Fault(
        "goods to ship hold a refund",
        "refund_listing.py",
        'claim.kind != "cancellation" or self._gate_is_open',
        "True",
    ),
    Fault(
        "nothing is paid twice",
        "claims.py",
        "surplus[line_id] = surplus.get(line_id, 0) - more",
        "pass",
    ),
    Fault(
        "each refund of a cause has its own number",
        "claims.py",
        "claim.next_id = refund_id(order_id, claim.kind, claim.cause, len(claim.asked) + 1)",
        "claim.next_id = claim.next_id + '.'",
    ),
    Fault(
        "the shipping fee is paid once",
        "claims.py",
        "any(event.fee for event in payments.asked.values())",
        "False",
    ),
    Fault(
        "refunds never exceed what was paid",
        "refund_listing.py",
        "if self._sum + amount > self._placed.paid:",
        "if False:",
    ),
    Fault(
        "an unknown refund holds what is due",
        "settling.py",
        "if unknown and listing.has_due:",
        "if False:",
    ),
    Fault(
        "a hold counts from when the cancellation was recorded",
        "refund_listing.py",
        "until = claim.since + self._at.hold",
        "until = self._at.now + self._at.hold",
    ),
    Fault(
        "a cancellation id is used for one request",
        "cancelling.py",
        "    if earlier:\n",
        "    if False:\n",
    ),
    Fault(
        "a succeeded cancellation cannot be withdrawn",
        "cancelling.py",
        "if any(cancelled.succeeded for cancelled in units) or _is_paid_for(order, command):",
        "if False:",
    ),
    Fault(
        "a unit that was decided and came back good is paid once",
        "attribution.py",
        "crossed = state.crossed - state.back_good",
        "crossed = state.crossed",
    ),
    Fault(
        "a decision pays what the seller said",
        "claims.py",
        "if self.decided is None:",
        "if True:",
    ),
    Fault(
        "a decision is about no more units than are open",
        "deciding.py",
        "if command.quantity > sum(units.values()):",
        "if False:",
    ),
    Fault(
        "what was decided is no case any more",
        "cases.py",
        "units[kind] = max(0, units[kind] - settled)",
        "units[kind] = max(0, units[kind])",
    ),
    Fault(
        "a refunded unit in another state is no new case",
        "cases.py",
        "taken = min(moved, units[kind])",
        "taken = 0",
    ),
    Fault(
        "a decision id is used for one decision",
        "deciding.py",
        "    if earlier:\n",
        "    if False:\n",
    ),
]

LOOK = """
import sys
sys.path[:0] = [{copy!r}, {root!r}]
import domain
assert domain.__file__.startswith({copy!r}), domain.__file__
from tests.domain.test_oracle_agrees import disagreement
for seed in range({seeds}):
    try:
        found = disagreement(seed, watched=False)
    except Exception as error:
        found = repr(error)
    if found:
        print(seed)
        sys.exit(0)
sys.exit(1)
"""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.law.replace(" ", "_"))
def test_a_planted_fault_is_found(fault: Fault, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "domain", tmp_path / "domain")
    spoilt = tmp_path / "domain" / fault.file
    source = spoilt.read_text()
    assert source.count(fault.right) == 1, f"{fault.file} has changed: plant the fault anew"
    spoilt.write_text(source.replace(fault.right, fault.wrong))
    look = LOOK.format(copy=str(tmp_path), root=str(ROOT), seeds=SEEDS)

    found = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, f"{SEEDS} histories did not show it: {found.stderr[-500:]}"
