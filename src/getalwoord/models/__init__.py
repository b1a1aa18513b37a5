"""Gemma models, ready to compute with.

Keras reads its backend once, when it is first imported. So it is settled here, before Keras is
imported, and every other room takes Keras from here: ``from getalwoord.models import keras``.
"""

from getalwoord.models.device import hiding_what_is_not_used, settle_backend

settle_backend()

with hiding_what_is_not_used():
    import keras

__all__ = ["keras"]
