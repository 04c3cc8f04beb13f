"""What we hear: the contract's messages, from Kafka and from files, and what becomes of them."""
