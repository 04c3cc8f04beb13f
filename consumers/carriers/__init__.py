"""What carriers say of parcels, in the words of the contract: AfterShip's statuses as the model.

A status becomes a message by a table (`[carrier.statuses]` of the rules), so that other carriers
are a matter of rules, not of code.
"""

from consumers.carriers.translate import translate

__all__ = ["translate"]
