-- A refund's amount in minor units, for sums over many. A body has every decimal that its currency
-- has, so the amount without its point is the number of minor units.

alter table countermand.refunds
    add column currency text collate "C",
    add column amount bigint;
update countermand.refunds set
    currency = convert_from(body, 'UTF8')::jsonb ->> 'currency',
    amount = replace(convert_from(body, 'UTF8')::jsonb ->> 'amount', '.', '')::bigint;
alter table countermand.refunds
    alter column currency set not null,
    alter column amount set not null;
