"""The layout editor: pick or repaint a layout and let a trained model of the run paint it."""
