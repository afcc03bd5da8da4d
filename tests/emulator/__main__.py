"""`python -m emulator`: start the local AWS and say how to point the aws CLI at it."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from .process import end_with_parent
from .recording import RECORDING
from .server import bind

GUIDE = """\
Local AWS (moto, extended). To use it from the aws CLI or an SDK:

  export AWS_ENDPOINT_URL={url}
  export AWS_ACCESS_KEY_ID=222222222222      # the account to act as
  export AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=eu-west-1 AWS_REGION=eu-west-1
  export AWS_EC2_METADATA_DISABLED=true
  aws ec2 describe-vpc-endpoint-connections
  aws sqs list-queues --endpoint-url {url}   # version 1 of the aws CLI finds SQS by this option alone

Control API: {url}/_emulator
"""


def main() -> int:
    """Serve until SIGTERM or SIGINT, or until the parent process ends."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="A local AWS for Drawbridge.")
    parser.add_argument("--port", type=int, default=5000, help="port on 127.0.0.1; 0 picks a free one (default 5000)")
    parser.add_argument("--requests", action="store_true", help="log each HTTP request to stderr")
    parser.add_argument("--outlive-parent", action="store_true", help="go on when the process that started this ends")
    parser.add_argument("--record", type=Path, metavar="FILE", help="append what roles call, and may, to this file")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.INFO if arguments.requests else logging.ERROR)
    if not arguments.outlive_parent:
        end_with_parent()
    if arguments.record:
        RECORDING.begin(arguments.record)

    emulator = bind(arguments.port)
    ending = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    emulator.front_door.open()
    print(GUIDE.format(url=emulator.url))
    print(f"ready {emulator.url}", flush=True)
    ending.wait()
    emulator.stop()
    emulator.front_door.close()
    sys.stdout.flush()
    # Requests that still wait (a long poll of a queue) must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
