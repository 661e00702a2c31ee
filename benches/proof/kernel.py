#!/usr/bin/env python3
"""A kernel that Triton compiles for a card of NVIDIA, which need not be there."""
import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget


@triton.jit
def add(x, y, n: tl.constexpr):
    at = tl.arange(0, n)
    tl.store(y + at, tl.load(x + at) + 1)


source = triton.compiler.ASTSource(fn=add, signature={"x": "*fp32", "y": "*fp32", "n": "constexpr"}, constexprs={"n": 64})
triton.compile(source, target=GPUTarget("cuda", 80, 32))
