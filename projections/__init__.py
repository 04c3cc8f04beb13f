"""What we show: tables made from the log. Disposable: drop them, rebuild, and they are equal."""
