"""What is done with what was sent or recorded? Delivery, voiding, a new reply, putting right, joining."""
