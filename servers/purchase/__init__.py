"""Buying: prices, payment providers, the checkout. Membership and content may not import this."""
