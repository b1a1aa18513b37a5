"""The service: numerals over HTTP, in a form of its own and in OpenAI's."""
