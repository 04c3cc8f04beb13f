-- What came in and is no event: messages that wait for their order, messages that nobody could
-- read, and notes of persons, which stay out of events because they may have to be erased.
CREATE TABLE countermand.parked (
    parked_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id text NOT NULL,
    source text NOT NULL,
    message_id text NOT NULL,
    fingerprint bytea NOT NULL,
    type text NOT NULL,
    channel text,
    body bytea NOT NULL,
    origin jsonb,
    received_at bigint NOT NULL,
    UNIQUE (order_id, source, message_id, fingerprint)
);

CREATE TABLE countermand.dead_letters (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at bigint NOT NULL,
    topic text,
    kafka_partition integer,
    kafka_offset bigint,
    key bytea,
    value bytea,
    headers jsonb,
    rule text NOT NULL,
    field text,
    detail text,
    order_id text,
    source text,
    message_id text,
    type text,
    digest bytea NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'retried', 'dropped', 'resolved')),
    state_at bigint,
    attempts integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX dead_letters_record_idx
    ON countermand.dead_letters (topic, kafka_partition, kafka_offset)
    WHERE kafka_partition IS NOT NULL;
CREATE UNIQUE INDEX dead_letters_digest_idx
    ON countermand.dead_letters (digest, rule)
    WHERE kafka_partition IS NULL;
CREATE INDEX dead_letters_order_idx ON countermand.dead_letters (order_id) WHERE state = 'open';

CREATE TABLE countermand.notes (
    note_ref text PRIMARY KEY,
    order_id text NOT NULL,
    note text NOT NULL,
    recorded_at bigint NOT NULL
);

CREATE TABLE countermand.secrets (
    name text PRIMARY KEY,
    value bytea NOT NULL
);
-- gen_random_uuid() draws from the operating system; three of them hold more than 256 bits.
INSERT INTO countermand.secrets
SELECT 'note-key', sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
