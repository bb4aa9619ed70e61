"""Entropy coders: symbols to bytes and back, without loss."""

from kerascomp.coders.arithmetic import ArithmeticDecoder, ArithmeticEncoder
from kerascomp.coders.tables import FrequencyTable

__all__ = ["ArithmeticDecoder", "ArithmeticEncoder", "FrequencyTable"]
