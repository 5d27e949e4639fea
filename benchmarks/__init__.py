"""Speed and memory of cloudtrade, and peers that play part of the same model."""
