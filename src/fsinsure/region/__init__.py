"""A region: a folder of data, and the layers of law that hold in it."""
