"""voicegit: teach an LLM how your business talks to customers, and stay in charge of what it has learned."""

__version__ = "0.1.0"
