"""pods/portforward: SPDY, or the channels of the older form, on one side; on the other what listens in a pod."""
