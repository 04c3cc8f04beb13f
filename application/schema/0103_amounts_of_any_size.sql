-- What is out may be more minor units than a bigint holds: 10^9 units of 10^12 in one line alone.
alter table countermand.exposure
    alter column amount type numeric,
    alter column paid type numeric;
