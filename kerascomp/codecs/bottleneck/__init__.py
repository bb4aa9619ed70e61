"""The entropy bottleneck: a rate–distortion model, its prior in integers, and the codec."""
