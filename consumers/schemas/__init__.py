"""The contracts as JSON Schema (draft 2020-12), one file a message, made from the models.

`python -m consumers.schemas` writes them again.
"""
