"""GS1 EPCIS 2.0 in the words of the contract: documents and captures of single events.

Written after the standard's JSON binding and its vocabulary (CBV 2.0); docs/adapters.md says which
event becomes which message, and how the ids are read.
"""

from consumers.epcis.translate import translate

__all__ = ["translate"]
