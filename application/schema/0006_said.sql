-- Trace contexts of messages that brought one (W3C traceparent, tracestate), by the event that they
-- caused: they travel on with what is published because of it.
CREATE TABLE countermand.traces (
    stream_id uuid NOT NULL,
    version integer NOT NULL,
    traceparent text COLLATE "C" NOT NULL,
    tracestate text COLLATE "C",
    PRIMARY KEY (stream_id, version)
);

-- Letters are marked one by one when they are published. A position would miss those whose number
-- is drawn before that of another and committed after it.
ALTER TABLE countermand.dead_letters ADD COLUMN published_at bigint;
CREATE INDEX dead_letters_unpublished_idx
    ON countermand.dead_letters (dead_letter_id) WHERE published_at IS NULL;
