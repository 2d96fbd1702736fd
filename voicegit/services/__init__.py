"""Use cases: plain functions on a workspace, one noun a module. They decide by calling the domain and act through ports."""
