"""Converting a published file of another form into an .h5ad that a study can name."""

from vcassay.screen.convert.convert import Converted, convert, form_of

__all__ = ["Converted", "convert", "form_of"]
