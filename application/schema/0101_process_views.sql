-- What the process managers add to the views: fed by the same follower, in the same transaction.
-- An order has few of these rows, and most orders have none.

create table countermand.late_cancellations (
    order_id text collate "C" not null,
    number bigint not null,
    seller_id text collate "C" not null,
    due bigint not null,
    ended_at bigint,
    body bytea not null,
    primary key (order_id, number)
);
alter table countermand.late_cancellations alter column body set storage external;
create index late_cancellations_open
    on countermand.late_cancellations (due, order_id, number) where ended_at is null;
create index late_cancellations_open_seller
    on countermand.late_cancellations (seller_id, due, order_id, number) where ended_at is null;
create index late_cancellations_closed
    on countermand.late_cancellations (ended_at, order_id, number) where ended_at is not null;
create index late_cancellations_closed_seller
    on countermand.late_cancellations (seller_id, ended_at, order_id, number)
    where ended_at is not null;

create table countermand.exposure (
    order_id text collate "C" primary key,
    seller_id text collate "C" not null,
    currency text collate "C" not null,
    since bigint not null,
    amount bigint not null,
    paid bigint not null,
    body bytea not null
);
create index exposure_since on countermand.exposure (since, order_id);
create index exposure_seller on countermand.exposure (seller_id, since, order_id);

create table countermand.warehouse_stops (
    order_id text collate "C" not null,
    cancellation_id text collate "C" not null,
    warehouse_id text collate "C" not null,
    asked_at bigint not null,
    answered_at bigint,
    answer text collate "C" not null,
    is_late bigint not null,
    units bigint not null,
    crossed bigint not null,
    primary key (order_id, cancellation_id, warehouse_id)
);
create index warehouse_stops_warehouse on countermand.warehouse_stops (warehouse_id);

create table countermand.warehouse_slips (
    order_id text collate "C" not null,
    warehouse_id text collate "C" not null,
    over_shipped bigint not null,
    short_returns bigint not null,
    shipped_after_confirmation bigint not null,
    primary key (order_id, warehouse_id)
);
create index warehouse_slips_warehouse on countermand.warehouse_slips (warehouse_id);
