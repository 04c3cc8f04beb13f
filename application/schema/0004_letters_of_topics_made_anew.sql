-- A topic that was made anew counts its offsets from the beginning again: at the place of an older
-- letter may stand another record, whose bytes must be kept, too.
DROP INDEX countermand.dead_letters_record_idx;
CREATE UNIQUE INDEX dead_letters_record_idx
    ON countermand.dead_letters (topic, kafka_partition, kafka_offset, digest)
    WHERE kafka_partition IS NOT NULL;
