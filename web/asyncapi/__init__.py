"""AsyncAPI: every topic, heard or said, from the models that hear and say its messages.

Pure: nothing here knows a broker, a database or the web.
"""
