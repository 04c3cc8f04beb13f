-- What the process managers of orders wait for: one row an order that has one, written in the
-- transaction of its events. Who looks at an order writes its row with the versions that it looked
-- at, never with older ones, so that no wake-up is lost between two who look at once.
CREATE TABLE countermand.processes (
    stream_id uuid PRIMARY KEY,
    order_id text COLLATE "C" NOT NULL,
    order_version integer NOT NULL,
    process_version integer NOT NULL,
    due_at bigint,
    leased_until bigint NOT NULL,
    open integer NOT NULL,
    overdue integer NOT NULL,
    rules bigint NOT NULL,
    failure text
) WITH (
    -- A lease changes no indexed column, so with room in its page it costs no index entry.
    fillfactor = 70,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.1
);
-- The next deadline is the first entry, however many are open. Leases are not in it.
CREATE INDEX processes_due_idx ON countermand.processes (due_at) WHERE due_at IS NOT NULL;
