"""The context model: a latent's table is made from what is decoded before it, in integers.

plan        which latents are decoded together, in which order
network     what is expected of them: a small network for each group, to be trained
integers    the same network in fixed point, the same on every computer
tables      intervals of symbols, made from what the network returns
coder       arithmetic coding, group after group
"""
