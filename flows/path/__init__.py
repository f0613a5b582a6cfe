"""The path of one application, from arrival to the reply."""
