-- Records that were taken although their key was not their order's id, by topic.
CREATE TABLE countermand.other_keys (
    topic text PRIMARY KEY,
    counted bigint NOT NULL
);
