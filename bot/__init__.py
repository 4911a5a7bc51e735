"""Zhiyin 知音: a virtual human one writes to, hears and sees."""

import os

# Our matrices are small: threads of the linear algebra would spin for nothing and take the loop's processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
