"""The models that answer customers and distil lessons: one outside service, or one way of answering, per module."""
