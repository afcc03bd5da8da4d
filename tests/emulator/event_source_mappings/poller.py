"""The poller of a mapping: takes batches from the queue, has the function work on them, deletes what succeeded.

AWS Lambda Developer Guide: "Polling and batching behaviour", "Configuring scaling behavior for SQS event source mappings",
"Handling errors for an SQS event source". Not modelled: the growth of the number of batches at work, and the slower
polling after errors of the function.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

from moto.awslambda.exceptions import UnknownFunctionException
from moto.core.exceptions import ServiceException
from moto.sqs.models import Message, Queue

from ..delivery.queues import delete, find_queue, receive, wait_for_messages
from ..functions import function as functions_of_moto
from ..functions.invocation import LARGEST_PAYLOAD, TooManyRequests
from .mapping import Mapping
from .records import failed_ids, is_wanted, record

if TYPE_CHECKING:
    from ..server import Emulator

# "Lambda starts with 5 concurrent batches", when the mapping doesn't say how many.
CONCURRENT_BATCHES = 5
MOST_RECEIVED = 10
LOOK_AGAIN_SECONDS = 0.2


class Poller:
    """Polls for one mapping, in a thread of its own, until `stop`."""

    def __init__(self, app: Emulator, mapping: Mapping) -> None:
        self.mapping = mapping
        self._app = app
        self._ended = threading.Event()
        self._abandoned = False
        self._changed = threading.Condition()
        self._at_work = 0
        self._gathering = False
        self._carried: list[Message] = []
        threading.Thread(target=self._run, name=f"poller-{mapping.id}", daemon=True).start()

    @property
    def at_work(self) -> int:
        """How many batches are in hand: the function is working on them, or one is being gathered."""
        with self._changed:
            return self._at_work + self._gathering

    def stop(self) -> None:
        """Take no more messages; batches at work are finished."""
        self._ended.set()
        with self._changed:
            self._changed.notify_all()

    def abandon(self) -> None:
        """Be gone, as with its machine: nothing that it has in hand is deleted, whatever becomes of it."""
        self._abandoned = True
        self.stop()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._poll()
            except Exception:  # noqa: BLE001  (the poller must go on, whatever a queue that vanishes raises)
                traceback.print_exc(file=sys.stderr)
                self._ended.wait(1)

    def _poll(self) -> None:
        """Wait for a free worker, then for messages, and set the one to work on the others."""
        limit = self.mapping.maximum_concurrency or CONCURRENT_BATCHES
        with self._changed:
            self._changed.wait_for(lambda: self._at_work < limit or self._ended.is_set(), LOOK_AGAIN_SECONDS)
            if self._at_work >= limit or self._ended.is_set():
                return
        queue = find_queue(self.mapping.queue_arn)
        if queue is None or not self.mapping.enabled:
            self._ended.wait(LOOK_AGAIN_SECONDS)
            return
        batch = self._gather(queue)
        if batch and not self._abandoned:
            with self._changed:
                self._at_work += 1
                self._gathering = bool(self._carried)
            threading.Thread(
                target=self._work, args=(queue, batch), name=f"batch-{self.mapping.id}", daemon=True
            ).start()

    def _gather(self, queue: Queue) -> list[Message]:
        """A batch: what is there at once, or what comes until the window closes or the batch is full."""
        batch, self._carried = self._carried, []
        if not batch:
            # Under the lock: a message that was taken is seen to be in hand.
            with self._changed:
                batch = self._receive(queue, 0)
                self._gathering = bool(batch)
            if not batch:
                wait_for_messages(queue, LOOK_AGAIN_SECONDS)
        end = time.monotonic() + self.mapping.window
        while batch and len(batch) < self.mapping.batch_size and _size(batch) < LARGEST_PAYLOAD:
            remaining = end - time.monotonic()
            if remaining <= 0 or self._ended.is_set():
                break
            more = self._receive(queue, len(batch))
            batch += more
            if not more:
                wait_for_messages(queue, remaining)
        while len(batch) > 1 and _size(batch) > LARGEST_PAYLOAD:
            self._carried.insert(0, batch.pop())
        return batch

    def _receive(self, queue: Queue, gathered: int) -> list[Message]:
        """Take messages; those that the filters don't want are deleted, as Lambda does."""
        filters = self.mapping.filters
        wanted = []
        for message in receive(queue, min(MOST_RECEIVED, self.mapping.batch_size - gathered)):
            if is_wanted(record(message, queue), filters):
                wanted.append(message)
            else:
                delete(queue, message)
        return wanted

    def _work(self, queue: Queue, batch: list[Message]) -> None:
        try:
            failed = self._invoke(queue, batch)
            for message in batch:
                # What failed becomes visible again when its visibility timeout ends; nothing shortens that.
                if message.id not in failed and not self._abandoned:
                    delete(queue, message)
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def _invoke(self, queue: Queue, batch: list[Message]) -> set[str]:
        sent = {message.id for message in batch}
        event = {"Records": [record(message, queue) for message in batch]}
        try:
            function = functions_of_moto.find(self.mapping.function_arn)
            result = self._app.functions.invoke(function, json.dumps(event).encode())
        except (TooManyRequests, UnknownFunctionException, ServiceException):
            return sent
        return failed_ids(result, sent, self.mapping.reports_failures)


def _size(batch: list[Message]) -> int:
    return sum(len(message.body) + 1024 for message in batch)
