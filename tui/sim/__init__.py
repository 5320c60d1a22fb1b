"""The simulated clouds: one loopback HTTP server that speaks GKE Hub, the Connect gateway, ARM and the Kubernetes API.

A feature (the demo, the offline school for on-call) and the test bed. It stands apart: it imports the floor and its
server library only, and nobody but the command line and the tests imports it. Its judge is what real servers said
and what the real gcloud, kubectl and az accept.
"""
