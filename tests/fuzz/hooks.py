"""What made-up requests need to get further than the door."""

import itertools

import schemathesis

NUMBERS = itertools.count()


@schemathesis.hook
def map_headers(context, headers):
    """A key that was used for another request is refused, and made-up keys are few: most become one of their own."""
    key = headers and headers.get("Idempotency-Key")
    if key and (number := next(NUMBERS)) % 4:
        headers["Idempotency-Key"] = f"{number}-{key}"[:255]
    return headers
