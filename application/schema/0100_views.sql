-- The views: disposable. Rows are written by one follower, in one transaction with its position.
-- Bodies are the JSON that people get, stored as they are sent: no one looks inside with SQL, and
-- compressing them would cost more time than it saves room.

create table countermand.order_information (
    order_id text collate "C" primary key,
    buyer_id text collate "C" not null,
    seller_id text collate "C" not null,
    status text collate "C" not null,
    version bigint not null,
    placed_at bigint not null,
    last_cancelled_at bigint,
    turns_due_at bigint,
    derived_at bigint not null,
    position bigint not null,
    body bytea not null
);
alter table countermand.order_information alter column body set storage external;
create index order_information_buyer
    on countermand.order_information (buyer_id, placed_at, order_id);
create index order_information_seller
    on countermand.order_information (seller_id, placed_at, order_id);
create index order_information_turns_due
    on countermand.order_information (turns_due_at) where turns_due_at is not null;

create table countermand.cancelled_orders (
    order_id text collate "C" primary key,
    buyer_id text collate "C" not null,
    last_cancelled_at bigint not null
);
create index cancelled_orders_buyer
    on countermand.cancelled_orders (buyer_id, last_cancelled_at, order_id);

create table countermand.refunds (
    order_id text collate "C" not null,
    refund_id text collate "C" not null,
    seller_id text collate "C" not null,
    state text collate "C" not null,
    since bigint not null,
    body bytea not null,
    primary key (order_id, refund_id)
);
alter table countermand.refunds alter column body set storage external;
create index refunds_state on countermand.refunds (state, since, order_id, refund_id);
create index refunds_seller on countermand.refunds (seller_id, since, order_id, refund_id);
