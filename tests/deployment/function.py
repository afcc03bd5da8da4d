"""One of the deployed functions: its queue, its environments, its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.clients import REGION

from .function_log import FunctionLog
from .local_aws import LocalAws
from .waiting import wait_until

# Longer than the dead letters take to read.
LONG_SECONDS = 900


@dataclass(frozen=True)
class Function:
    """A function of the hub; `name` without the stack's prefix."""

    aws: LocalAws
    name: str
    mapping_id: str
    queue_url: str
    dead_letters_url: str
    log: FunctionLog = field(init=False)
    _brought_forward: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", FunctionLog(self.aws, f"/aws/lambda/{self.full_name}"))

    @property
    def full_name(self) -> str:
        """As Lambda knows it."""
        return f"drawbridge-{self.name}"

    @property
    def role(self) -> str:
        """The name of its role."""
        return f"{self.full_name}-{REGION}"

    def enable_mapping(self, enabled: bool) -> None:
        """Let the queue wake the function, or not."""
        self.aws.client("lambda").update_event_source_mapping(UUID=self.mapping_id, Enabled=enabled)
        if not enabled:
            wait_until(f"{self.name} has nothing in hand", lambda: not self.at_work())

    def at_work(self) -> int:
        """How many batches it has in hand, those that are being gathered included."""
        mappings = self.aws.control("GET", "event-source-mappings")["mappings"]
        return sum(mapping["at_work"] for mapping in mappings if mapping["UUID"] == self.mapping_id)

    def waiting_messages(self) -> int:
        """Messages of its queue, those in hand included."""
        return sum(self._count_messages())

    def delayed_messages(self) -> int:
        """Messages of its queue that are to come later: what it left for itself."""
        name = "ApproximateNumberOfMessagesDelayed"
        answer = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def bring_forward(self) -> int:
        """Have the looks that it put off come now, as if their delay were over, once; how many they were.

        SQS has no call for it, so each message is sent once more; it is known from the list of the function's calls. It
        comes again when its delay is over: a look more than needed.
        """
        brought = 0
        for call in self.aws.calls(service="sqs", operation="SendMessage", role=self.role):
            delay = timedelta(seconds=call["parameters"].get("DelaySeconds", 0))
            due = datetime.fromisoformat(call["time"]) + delay
            if call["request_id"] in self._brought_forward or due <= datetime.now(UTC):
                continue
            self._brought_forward.add(call["request_id"])
            self.aws.client("sqs").send_message(QueueUrl=self.queue_url, MessageBody=call["parameters"]["MessageBody"])
            brought += 1
        return brought

    def _count_messages(self) -> tuple[int, int]:
        """How many are to be received, and how many were received and aren't done, or not yet."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        answer = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        visible, received = (int(answer["Attributes"][name]) for name in names)
        return visible, received

    def settle(self) -> None:
        """Wait until it has worked on everything."""
        wait_until(f"the queue of {self.name} is empty", lambda: not self.waiting_messages() and not self.at_work())

    def forget_messages(self) -> None:
        """Drop the messages that wait, also those that failed or were put off and would come much later."""
        if not self.waiting_messages() and not self.delayed_messages() and not self.at_work():
            return
        self.aws.client("sqs").purge_queue(QueueUrl=self.queue_url)
        self.settle()

    def time_out_messages(self) -> None:
        """Have the visibility time-outs of its messages end: what was received and isn't done comes back."""
        self.aws.control("POST", f"queues/{self.full_name}/time-out")

    def give_up(self) -> None:
        """Have what fails come back at once and fail again, until all of it is dead letters."""

        def look() -> bool:
            # In this order: what was received by then and is in no hand afterwards has failed.
            visible, received = self._count_messages()
            if visible or self.at_work():
                return False
            if received:
                self.time_out_messages()
            return not received

        wait_until(f"{self.name} has done or given up all messages", look, explain=self.explain)

    def environments(self) -> list[dict[str, Any]]:
        """Its environments."""
        found = self.aws.control("GET", "functions")["environments"]
        return [environment for environment in found if environment["function"] == self.full_name]

    def end_environments(self) -> None:
        """End its environments, so that the next invocation starts a new one."""
        self.settle()
        self.aws.control("POST", f"functions/{self.full_name}/kill", {"idle": True})

    def kill(self) -> list[int]:
        """Kill the environments that have a batch in hand; their process ids."""
        return self.aws.control("POST", f"functions/{self.full_name}/kill")["killed"]

    def dead_letters(self) -> list[str]:
        """The bodies of its dead letters, which stay."""
        sqs, bodies = self.aws.client("sqs"), []
        asked = {"QueueUrl": self.dead_letters_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": LONG_SECONDS}
        while messages := sqs.receive_message(**asked).get("Messages"):
            bodies += [message["Body"] for message in messages]
        self.aws.control("POST", f"queues/{self.full_name}-dead-letters/time-out")
        return bodies

    def forget_dead_letters(self) -> None:
        """Drop its dead letters."""
        self.aws.client("sqs").purge_queue(QueueUrl=self.dead_letters_url)

    def explain(self) -> str:
        """What helps to see why something did not happen."""
        said = [line.get("message") for line in self.log.said()][-5:]
        return f"{self.name}: {self.waiting_messages()} messages wait, {self.at_work()} batches in hand; said {said}"
