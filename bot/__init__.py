"""Zhiyin 知音: a virtual human one writes to, hears and sees."""
