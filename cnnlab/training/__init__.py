"""Networks that learn before your eyes: the playground, and a convolutional network layer by layer."""
