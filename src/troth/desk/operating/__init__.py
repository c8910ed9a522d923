"""What whoever runs the desk asks of it: is it alive, is it ready, what does it count."""
