"""The context model: a latent's table is made from what is decoded before it, in integers.

plan, network        which latents are decoded together; what is expected of them, to be trained
integers, tables     the same network in fixed point; intervals of symbols from what it returns
coder                arithmetic coding, group after group
"""
