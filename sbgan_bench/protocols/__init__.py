"""Feature protocols: named, hashed ways to turn images into feature vectors."""
