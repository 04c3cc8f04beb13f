-- What persons wrote about an order is read with its events, and erased by its order.
CREATE INDEX notes_order_idx ON countermand.notes (order_id);
