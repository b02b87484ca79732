"""Watch a convolutional network learn, layer by layer, and open any of its numbers."""
