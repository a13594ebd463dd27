"""The pictures of a result, each made from tidy tables and returned as a matplotlib figure."""

from fsinsure.output.comparison import comparison
from fsinsure.output.picture import Picture
from fsinsure.output.pyramid import pyramid
from fsinsure.output.targets import targets
from fsinsure.output.waterfall import channels

__all__ = ["Picture", "channels", "comparison", "pyramid", "targets"]
