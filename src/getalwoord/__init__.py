"""getalwoord teaches Gemma language models to read Dutch numerals."""
