"""Adapters and merged models for other tools, and adapters from them."""
