"""How a decision is recorded: the event store, orders, followers, migrations."""
