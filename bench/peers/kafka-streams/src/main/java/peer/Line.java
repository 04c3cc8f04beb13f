package peer;

/** The unit ledger of one order line: what was counted, and what follows from it. */
final class Line {
    long ordered;
    long cancelled;
    long shipped;
    long returnedGood;
    long returnedBad;
    long rejected;

    /** What left the warehouse; what came back must have left. */
    long left() {
        return Math.min(Math.max(shipped, returnedGood + returnedBad), ordered);
    }

    private long crossedByCancelling() {
        return Math.max(0, cancelled + left() - ordered);
    }

    long stopped() {
        return cancelled - crossedByCancelling();
    }

    long crossed() {
        return Math.max(crossedByCancelling(), Math.min(rejected, left()));
    }

    long kept() {
        return left() - crossed();
    }

    long toShip() {
        return ordered - left() - stopped();
    }

    long cancellable() {
        return toShip() + kept();
    }
}
