"""cnnlab: see what convolutional networks see.

One idea a module: `networks` to look into, `pictures` to look at, one module a technique, and
`live` to put any of them under sliders.
"""
