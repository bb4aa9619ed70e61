"""Networks in Keras: the report's autoencoders, quantizers for their latents, and the training."""
