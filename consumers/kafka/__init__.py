"""The one room that knows the Kafka client: a group member with safe settings, admin, producer.

The client's traps are closed here: listeners do no I/O, errors while unpacking never reach its
`poll` (which would spin for ever), nothing is deserialized by it, nothing is committed by itself.
"""

from consumers.kafka.admin import check_said, create_topics
from consumers.kafka.member import Member
from consumers.kafka.presence import existing
from consumers.kafka.producer import Producer
from consumers.kafka.sender import Sender
from consumers.kafka.terms import KafkaRefused, KafkaSettings, KafkaUnavailable, OutOfRange

__all__ = [
    "KafkaRefused",
    "KafkaSettings",
    "KafkaUnavailable",
    "Member",
    "OutOfRange",
    "Producer",
    "Sender",
    "check_said",
    "create_topics",
    "existing",
]
