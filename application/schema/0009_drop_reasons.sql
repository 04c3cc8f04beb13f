-- Why an operator dropped a dead letter, where one said so.
ALTER TABLE countermand.dead_letters ADD COLUMN drop_reason text;
