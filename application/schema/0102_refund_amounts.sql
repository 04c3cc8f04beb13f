-- A refund's amount in minor units, for sums over many; it may be greater than a bigint. A body has every decimal that its currency
-- has, so the amount without its point is the number of minor units.

alter table countermand.refunds
    add column currency text collate "C",
    add column amount numeric;
update countermand.refunds set
    currency = convert_from(body, 'UTF8')::jsonb ->> 'currency',
    amount = replace(convert_from(body, 'UTF8')::jsonb ->> 'amount', '.', '')::numeric;
alter table countermand.refunds
    alter column currency set not null,
    alter column amount set not null;
