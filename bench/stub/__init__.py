"""AWS and a provider in a process of their own, answering at once: what is measured is our side of each call."""

from bench.stub.launch import Stub, running_stub

__all__ = ["Stub", "running_stub"]
