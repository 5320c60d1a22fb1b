"""What moves in a simulated cluster: its controllers, its scheduler and its kubelets, driven by one agenda.

Each acts on the store alone, as the real ones act on the API, so that a client cannot tell a change it made from one
they made; each is a reconciler: told that a key may need attention, it looks, does one step, and says when to look
again.
"""
