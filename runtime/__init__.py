"""How the parts are put together and driven: settings, wiring, commands. Nobody imports it."""
