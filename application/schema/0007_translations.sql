-- What became of events from outside (EPCIS): an event that is captured again is said again, word for
-- word, and a later one may speak of a shipment or a container without naming the event before it.
CREATE TABLE countermand.translations (
    source text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    does text NOT NULL,
    at bigint NOT NULL,
    about text COLLATE "C" NOT NULL,
    order_id text NOT NULL,
    root text NOT NULL,
    undoes text NOT NULL,
    data json,  -- not jsonb, which forgets the order of keys: it goes into messages as it came
    value bytea,
    PRIMARY KEY (source, message_id)
);
CREATE INDEX translations_about_idx ON countermand.translations (source, about) WHERE about <> '';
