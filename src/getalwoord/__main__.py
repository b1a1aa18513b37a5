"""Lets ``python -m getalwoord`` do what ``getalwoord`` does."""

from getalwoord.cli import main

if __name__ == "__main__":
    main()
