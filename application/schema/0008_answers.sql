-- What was answered to commands that came by HTTP, by the caller's own key: the same command again
-- gets the same answer. Written in the transaction of the events, kept for a bounded time.
CREATE TABLE countermand.answers (
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    status integer NOT NULL,
    body bytea NOT NULL,
    position bigint NOT NULL,
    answered_at bigint NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX answers_answered_at_idx ON countermand.answers (answered_at);
