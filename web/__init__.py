"""What people and programs see over HTTP: the API, the pages, and who may do what."""
