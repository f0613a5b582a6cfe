"""What is the reply, and who answers for it? Outcome, parts, review, secrecy, signature, service."""
