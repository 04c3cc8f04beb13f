-- Who appends to the log locks this table, not the log itself: autovacuum and ANALYZE take a lock
-- on the log that such a writer would wait for, up to a second each time, and would then cancel.
CREATE TABLE countermand.orders_writer ();
