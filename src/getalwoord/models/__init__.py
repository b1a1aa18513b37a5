"""Gemma models, ready to compute with.

Keras reads its backend once, when it is first imported. So the backend is settled here,
before any module of this room can import Keras.
"""

from getalwoord.models.device import settle_backend

settle_backend()
