"""exec and attach: real commands, in a folder for each container, spoken to as an API server and its kubelet do."""
