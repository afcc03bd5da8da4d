"""The runtime loop around the handler: the place of AWS's own Python runtime, with less in it.

AWS's runtime does the same steps (import the handler, ask for work, call it, answer) and more: its client is native code, and it
sets up logging and tracing. So this loop doesn't make the handler look slower than it is.
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import sys
from pathlib import Path

PREFIX = "/2018-06-01/runtime/invocation"

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve invocations until the Runtime API is gone."""
    logging.basicConfig(stream=sys.stdout)
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from accept import handler  # importing it is part of the start, as on Lambda

    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", f"{PREFIX}/next")
        response = api.getresponse()
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.loads(response.read())
        try:
            kind, answer = "response", handler(event, None)
        except Exception as error:
            logger.exception("the handler failed")
            kind, answer = "error", {"errorType": type(error).__name__, "errorMessage": str(error)}
        api.request("POST", f"{PREFIX}/{request_id}/{kind}", json.dumps(answer).encode())
        api.getresponse().read()


if __name__ == "__main__":
    serve()
