"""The letters: their words and facts, and the paper they are printed on."""
