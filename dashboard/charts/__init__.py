"""Arrow in, Altair out: one module a page, what they share in style.py."""
