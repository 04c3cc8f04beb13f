"""What warehouses and carriers really send, said in the words of the contract.

Nothing here decides: a document from outside becomes messages of the contract, which then go the
one way in. `consumers.epcis` and `consumers.carriers` know the formats, this package what they
share: bounds, the rules that read ids, the message, the memory, and the consumer.
"""
