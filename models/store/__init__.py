"""What is stored, and how: the tables, the seal on them, the chain that proves them."""
