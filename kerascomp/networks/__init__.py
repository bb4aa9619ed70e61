"""Networks in Keras, and how they are trained.

autoencoders, quantizers     the report's networks; rounding, and what stands in for it
training                     recipes; a training that can be stopped and goes on
"""
