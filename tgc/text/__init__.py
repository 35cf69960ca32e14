"""Texts as filters look at them: folded and cut into words, by phrases, as prose, by what recurs within them."""
