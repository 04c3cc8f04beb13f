"""What is asked and answered, as pydantic models with examples: OpenAPI is made of them."""
