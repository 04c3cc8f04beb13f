"""A world outside that reacts: a warehouse, a carrier, a payment provider and buyers.

Each is a program of its own. They speak the public contract, know nothing of the service, and
talk over Kafka only: to the service by its topics, among themselves by one topic of their own.
"""
