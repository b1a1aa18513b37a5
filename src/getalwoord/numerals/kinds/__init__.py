"""The kinds of numeral, a file for each group of them."""
