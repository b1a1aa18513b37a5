"""numerals"""
