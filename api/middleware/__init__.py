"""What every request passes on its way to a route, outermost first.

The order is part of what it does:
 1. Observation: an id, a log line and the counters, for whatever happens further in; refusals and faults too.
 2. SecurityHeaders: on every answer, so before anything that may answer.
 3. Faults: a fault further in becomes a problem document that 1 and 2 still see.
 4. Callers: who asks (address, key); refuses nothing.
 5. Hosts: 421 for a name that is not ours, where no key protects; before anything costs.
 6. Origins: CORS. Preflights carry no key, and a page must be able to read a 401: so before admission.
 7. Rates: 429. After callers, for a key has a bucket of its own; before admission, so that guesses are counted.
 8. Admission: 401. Nothing behind it is reached without a key where one is needed, not even a 404.
 9. Sizes: 413, 414, 431 and, of a body that is slow, 408; only whoever was let in may send much at all.
10. Heads: HEAD is asked of routes as GET, innermost, so that the log still says HEAD.

They are plain ASGI: each costs microseconds, streams pass through piece by piece, and no task is made.
"""

from typing import Any

from fastapi import FastAPI

from api.middleware.admission import Admission
from api.middleware.callers import Callers
from api.middleware.faults import Faults
from api.middleware.headers import SecurityHeaders
from api.middleware.heads import Heads
from api.middleware.hosts import Hosts
from api.middleware.observation import Observation
from api.middleware.origins import Origins
from api.middleware.rates import Rates
from api.middleware.sizes import Sizes

LAYERS: tuple[Any, ...] = (
    Observation,
    SecurityHeaders,
    Faults,
    Callers,
    Hosts,
    Origins,
    Rates,
    Admission,
    Sizes,
    Heads,
)


def install(app: FastAPI) -> None:
    for layer in reversed(LAYERS):  # each one added lies outside of those before
        app.add_middleware(layer)
