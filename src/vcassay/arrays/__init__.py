"""Numbers only: numpy, scipy and numba. No labels, no I/O; randomness only through an rng argument.

Every computation of the product exists here first, as a pure function on arrays.
"""
