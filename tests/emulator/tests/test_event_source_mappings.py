"""Event source mappings: a queue wakes a function, and what fails stays in the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .running import HUB, RunningEmulator
from .sample_functions import LAMBDA, create_function, create_role, eventually, log_lines, package

Client = Callable[..., Any]
# Prints each message of its batch as `<size of the batch> <body> <receive count>`.
PRINT = """
def handle(event, headers):
    records = event['Records']
    for record in records:
        print(len(records), record['body'], record['attributes']['ApproximateReceiveCount'], flush=True)
"""
REPORT = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def arn(name: str) -> str:
    return f"arn:aws:sqs:eu-west-1:{HUB}:{name}"


def create_queue(
    client: Client, name: str = "work", visibility: int = 60, receives: int | None = None, **more: str
) -> str:
    """A queue, with dead letters in `letters` when `receives` is given; returns its URL."""
    attributes = {"VisibilityTimeout": str(visibility), **more}
    if receives:
        client("sqs").create_queue(QueueName="letters")
        redrive = {"deadLetterTargetArn": arn("letters"), "maxReceiveCount": receives}
        attributes["RedrivePolicy"] = json.dumps(redrive)
    return client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def mapping(client: Client, function: str = "worker", queue: str = "work", **settings: Any) -> str:
    """A mapping of the queue to the function; returns its id."""
    created = client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn(queue), **settings)
    return created["UUID"]


def send(client: Client, url: str, *bodies: str) -> list[str]:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    answer = client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    return [message["MessageId"] for message in answer["Successful"]]


def messages(client: Client, url: str) -> tuple[int, int]:
    """How many messages of a queue are visible, and how many are in flight."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(attributes[names[0]]), int(attributes[names[1]])


def printed(client: Client, function: str = "worker") -> list[list[str]]:
    """What the function printed, in words; nothing as long as it has no log group."""
    groups = client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")["logGroups"]
    lines = log_lines(client, f"/aws/lambda/{function}") if groups else []
    platform = ("INIT_START", "START", "END", "REPORT")
    return [line.split() for line in lines if line and not line.startswith(platform)]


def all_done(client: Client, url: str) -> bool:
    return messages(client, url) == (0, 0)


def test_messages_that_succeed_are_deleted(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", PRINT)
    mapping(client)
    send(client, url, "one", "two", "three")
    eventually(lambda: len(printed(client)) == 3 and all_done(client, url))
    assert {(words[1], words[2]) for words in printed(client)} == {("one", "1"), ("two", "1"), ("three", "1")}


def test_record_has_the_documented_form(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", "def handle(event, headers): print(json.dumps(event), flush=True)")
    mapping(client)
    attributes = {"KIND": {"DataType": "String", "StringValue": "x"}}
    sent = client("sqs").send_message(QueueUrl=url, MessageBody="hello", MessageAttributes=attributes)
    eventually(lambda: printed(client))
    [record] = json.loads(next(line for line in log_lines(client, "/aws/lambda/worker") if line.startswith("{")))[
        "Records"
    ]
    assert record["messageId"] == sent["MessageId"]
    assert record["body"] == "hello"
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == (
        "aws:sqs",
        arn("work"),
        "eu-west-1",
    )
    assert record["messageAttributes"] == {
        "KIND": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    }
    assert set(record["attributes"]) == {
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    }


def test_messages_of_a_failed_batch_come_back_after_their_visibility_timeout(client: Client) -> None:
    url = create_queue(client, visibility=1)
    create_function(
        client,
        "worker",
        PRINT + "    if records[0]['attributes']['ApproximateReceiveCount'] == '1': raise Reported('first try')",
        Timeout=1,
    )
    mapping(client)
    send(client, url, "again")
    eventually(lambda: len(printed(client)) == 2 and all_done(client, url))
    assert [words[2] for words in printed(client)] == ["1", "2"]


def test_reported_messages_come_back_and_the_others_are_deleted(client: Client) -> None:
    url = create_queue(client, visibility=4)
    create_function(
        client,
        "worker",
        PRINT + "    return {'batchItemFailures': [{'itemIdentifier': record['messageId']} for record in records"
        " if record['body'] == 'bad' and record['attributes']['ApproximateReceiveCount'] == '1']}",
        Timeout=1,
    )
    mapping(client, BatchSize=10, MaximumBatchingWindowInSeconds=1, **REPORT)
    send(client, url, "good", "bad", "fine")
    eventually(lambda: len(printed(client)) == 4 and all_done(client, url))
    assert sorted(words[1:] for words in printed(client)) == [["bad", "1"], ["bad", "2"], ["fine", "1"], ["good", "1"]]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("{'batchItemFailures': []}", 0),
        ("{'batchItemFailures': None}", 0),
        ("{}", 0),
        ("None", 0),
        ("{'batchItemFailures': [{'itemIdentifier': 'unknown'}]}", 2),
        ("{'batchItemFailures': [{'itemIdentifier': ''}]}", 2),
        ("{'batchItemFailures': [{'itemIdentifier': None}]}", 2),
        ("{'batchItemFailures': [{'id': event['Records'][0]['messageId']}]}", 2),
        ("{'batchItemFailures': [{'itemIdentifier': event['Records'][0]['messageId']}, {'itemIdentifier': 'x'}]}", 2),
        ("b'{\"batchItemFailures\": ['", 2),
        ("{'batchItemFailures': [{'itemIdentifier': event['Records'][0]['messageId']}]}", 1),
    ],
)
def test_answer_decides_which_messages_stay(client: Client, emulator: RunningEmulator, answer: str, left: int) -> None:
    url = create_queue(client, visibility=900)
    create_function(client, "worker", f"{PRINT}    return {answer}")
    mapping(client, BatchSize=2, MaximumBatchingWindowInSeconds=20, **REPORT)
    send(client, url, "one", "two")
    eventually(lambda: len(printed(client)) == 2)
    eventually(lambda: emulator.control("GET", "event-source-mappings")["mappings"][0]["at_work"] == 0)
    assert messages(client, url) == (0, left)


def test_answer_without_partial_responses_means_nothing(client: Client) -> None:
    url = create_queue(client)
    create_function(
        client,
        "worker",
        PRINT + "    return {'batchItemFailures': [{'itemIdentifier': event['Records'][0]['messageId']}]}",
    )
    mapping(client)
    send(client, url, "one")
    eventually(lambda: printed(client) and all_done(client, url))


def test_poison_message_ends_in_the_dead_letter_queue(client: Client) -> None:
    url = create_queue(client, visibility=1, receives=3)
    create_function(client, "worker", f"{PRINT}    os._exit(1)", Timeout=1)
    mapping(client)
    [message_id] = send(client, url, "poison")
    letters = client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    letter = eventually(lambda: client("sqs").receive_message(QueueUrl=letters).get("Messages"))[0]
    assert (letter["MessageId"], letter["Body"]) == (message_id, "poison")
    assert [words[2] for words in printed(client)] == ["1", "2", "3"]
    assert messages(client, url) == (0, 0)


def test_dead_letters_are_sent_back_when_the_function_is_mended(client: Client) -> None:
    url = create_queue(client, visibility=1, receives=1)
    create_function(client, "worker", f"{PRINT}    raise Reported('broken')", Timeout=1)
    mapping(client)
    send(client, url, "poison")
    letters = client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    eventually(lambda: messages(client, letters) == (1, 0))
    client("lambda").update_function_code(FunctionName="worker", ZipFile=package(PRINT))
    client("sqs").start_message_move_task(SourceArn=arn("letters"))
    eventually(lambda: len(printed(client)) == 2 and all_done(client, url))
    [task] = client("sqs").list_message_move_tasks(SourceArn=arn("letters"))["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    assert messages(client, letters) == (0, 0)
    assert [words[2] for words in printed(client)] == ["1", "1"]


def test_timed_out_batch_returns_to_the_queue(client: Client) -> None:
    url = create_queue(client, visibility=2)
    create_function(
        client,
        "worker",
        PRINT + "    if records[0]['attributes']['ApproximateReceiveCount'] == '1': time.sleep(600)",
        Timeout=1,
    )
    mapping(client)
    send(client, url, "slow")
    eventually(lambda: len(printed(client)) >= 2 and all_done(client, url))


def test_batch_of_a_killed_process_returns_to_the_queue(client: Client, emulator: RunningEmulator) -> None:
    url = create_queue(client, visibility=2)
    create_function(
        client,
        "worker",
        PRINT + "    if records[0]['attributes']['ApproximateReceiveCount'] == '1': time.sleep(600)",
        Timeout=2,
    )
    mapping(client)
    send(client, url, "interrupted")
    eventually(lambda: printed(client))
    emulator.control("POST", "functions/worker/kill")
    eventually(lambda: len(printed(client)) >= 2 and all_done(client, url))


def test_window_gathers_a_batch(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", PRINT)
    mapping(client, BatchSize=25, MaximumBatchingWindowInSeconds=30)
    for _ in range(2):
        send(client, url, *(f"m{number}" for number in range(10)))
    send(client, url, *(f"m{number}" for number in range(5)))
    eventually(lambda: len(printed(client)) == 25)
    assert {words[0] for words in printed(client)} == {"25"}


def test_batch_size_is_never_exceeded(client: Client) -> None:
    url = create_queue(client)
    send(client, url, *(f"m{number}" for number in range(7)))
    create_function(client, "worker", PRINT)
    mapping(client, BatchSize=3)
    eventually(lambda: len(printed(client)) == 7)
    assert max(int(words[0]) for words in printed(client)) <= 3


def test_maximum_concurrency_bounds_the_batches_at_work(client: Client, emulator: RunningEmulator) -> None:
    url = create_queue(client)
    create_function(client, "worker", f"{PRINT}    time.sleep(0.5)")
    mapping(client, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    send(client, url, *(f"m{number}" for number in range(6)))
    most = 0

    def done() -> bool:
        nonlocal most
        states = [environment["state"] for environment in emulator.control("GET", "functions")["environments"]]
        most = max(most, len(states))
        assert most <= 2
        return len(printed(client)) == 6 and all_done(client, url)

    eventually(done)
    assert most == 2


def test_throttled_batch_stays_in_the_queue(client: Client) -> None:
    url = create_queue(client, visibility=2)
    create_function(client, "worker", PRINT, Timeout=1)
    client("lambda").put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    mapping(client)
    send(client, url, "later")
    eventually(lambda: messages(client, url) == (0, 1))
    client("lambda").delete_function_concurrency(FunctionName="worker")
    eventually(lambda: all_done(client, url))
    assert int(printed(client)[0][2]) >= 2


def test_disabled_mapping_takes_nothing_until_it_is_enabled(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", PRINT)
    identity = mapping(client, Enabled=False)
    assert client("lambda").get_event_source_mapping(UUID=identity)["State"] == "Disabled"
    send(client, url, "waiting")
    assert messages(client, url) == (1, 0)
    client("lambda").update_event_source_mapping(UUID=identity, Enabled=True)
    eventually(lambda: printed(client) and all_done(client, url))
    assert printed(client)[0][2] == "1"


def test_deleted_mapping_takes_nothing(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", PRINT)
    identity = mapping(client)
    assert client("lambda").delete_event_source_mapping(UUID=identity)["State"] == "Deleting"
    with pytest.raises(ClientError) as error:
        client("lambda").get_event_source_mapping(UUID=identity)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    send(client, url, "left")
    assert messages(client, url) == (1, 0)


def test_messages_that_no_filter_wants_are_deleted(client: Client) -> None:
    url = create_queue(client)
    create_function(client, "worker", PRINT)
    pattern = {"body": {"kind": ["wanted"]}}
    mapping(client, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    send(client, url, '{"kind":"unwanted"}', "no json", '{"kind":"wanted"}')
    eventually(lambda: printed(client) and all_done(client, url))
    assert [words[1] for words in printed(client)] == ['{"kind":"wanted"}']


def test_messages_of_a_group_stay_in_order(client: Client) -> None:
    url = create_queue(client, name="work.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    create_function(client, "worker", f"{PRINT}    time.sleep(0.05)")
    mapping(client, queue="work.fifo", BatchSize=1)
    for number in range(5):
        client("sqs").send_message(QueueUrl=url, MessageBody=f"m{number}", MessageGroupId="g")
    eventually(lambda: all_done(client, url))
    assert [words[1] for words in printed(client)] == [f"m{number}" for number in range(5)]


def test_mapping_is_shown_with_its_settings(client: Client) -> None:
    create_queue(client)
    function = create_function(client, "worker", PRINT)
    identity = mapping(
        client, BatchSize=100, MaximumBatchingWindowInSeconds=1, ScalingConfig={"MaximumConcurrency": 2}, **REPORT
    )
    [shown] = client("lambda").list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]
    expected = {
        "UUID": identity,
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 1,
        "EventSourceArn": arn("work"),
        "FunctionArn": function,
        "State": "Enabled",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    assert {name: shown[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
        ({"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 1}, "Batch size must be between"),
        ({"StartingPosition": "LATEST"}, "Unsupported parameter"),
        ({"ProvisionedPollerConfig": {"MinimumPollers": 2}}, "has no ProvisionedPollerConfig"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "Invalid filter pattern"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_settings_that_lambda_refuses_are_refused(client: Client, settings: dict[str, Any], message: str) -> None:
    create_queue(client)
    create_function(client, "worker", PRINT)
    with pytest.raises(ClientError, match=message):
        mapping(client, **settings)


def test_visibility_timeout_must_not_be_shorter_than_the_functions_timeout(client: Client) -> None:
    create_queue(client, visibility=30)
    create_function(client, "worker", PRINT, Timeout=31)
    with pytest.raises(ClientError, match="Queue visibility timeout: 30 seconds is less than Function timeout: 31"):
        mapping(client)


def test_role_needs_permission_to_consume_the_queue(client: Client) -> None:
    create_queue(client)
    role = create_role(client("iam"), "weak", LAMBDA, (["sqs:ReceiveMessage", "sqs:GetQueueAttributes"], arn("work")))
    client("lambda").create_function(
        FunctionName="worker", Role=role, Runtime="provided.al2023", Handler="x", Code={"ZipFile": package(PRINT)}
    )
    with pytest.raises(ClientError, match="does not have permissions to call DeleteMessage on SQS"):
        mapping(client)


def test_second_mapping_of_the_same_queue_and_function_is_refused(client: Client) -> None:
    create_queue(client)
    create_function(client, "worker", PRINT)
    mapping(client)
    with pytest.raises(ClientError) as error:
        mapping(client)
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"
