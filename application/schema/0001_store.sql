-- The event log and the positions, exactly as the eventsourcing library (9.5) would make them for
-- an application named "orders". Its insert function is left out: it drops positions.
CREATE TABLE countermand.orders_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigserial,
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);
CREATE UNIQUE INDEX orders_events_notification_id_idx
    ON countermand.orders_events (notification_id ASC);

CREATE TABLE countermand.orders_tracking (
    application_name text,
    notification_id bigint,
    PRIMARY KEY (application_name)
) WITH (
    -- Unlike the library's: a position is updated for every batch, and an old snapshot must not
    -- let the table swell.
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01,
    fillfactor = 50
);
-- The library's own mark: one row for each position.
INSERT INTO countermand.orders_tracking VALUES ('__migration__', 1);
