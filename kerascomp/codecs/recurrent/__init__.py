"""Recurrent codecs: one network that sends an image as bit-planes, each refining the last."""
