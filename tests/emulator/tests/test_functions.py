"""Lambda's data plane: functions run as processes behind the Runtime API."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .running import HUB, RunningEmulator, start_emulator
from .sample_functions import (
    EXECUTION,
    LAMBDA,
    create_function,
    create_role,
    eventually,
    invoke,
    log_lines,
    package,
    package_of,
)

Client = Callable[..., Any]
ECHO = "def handle(event, headers): return {'got': event}"


def environments(emulator: RunningEmulator) -> list[dict[str, Any]]:
    return emulator.control("GET", "functions")["environments"]


def test_function_answers_an_invocation(client: Client) -> None:
    create_function(client, "echo", ECHO)
    answer = invoke(client, "echo", {"a": [1, "two"]})
    assert (answer["StatusCode"], answer["payload"], answer["error"]) == (200, {"got": {"a": [1, "two"]}}, None)
    assert answer["ExecutedVersion"] == "$LATEST"


def test_function_is_invoked_by_arn_and_by_alias(client: Client) -> None:
    arn = create_function(
        client, "echo", "def handle(event, headers): return os.environ['AWS_LAMBDA_FUNCTION_VERSION']"
    )
    client("lambda").publish_version(FunctionName="echo")
    client("lambda").create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    assert invoke(client, arn)["payload"] == "$LATEST"
    assert invoke(client, f"{arn}:live")["payload"] == "1"
    assert invoke(client, "echo", Qualifier="live")["payload"] == "1"


def test_environment_is_kept_warm_between_invocations(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "count", "def handle(event, headers): return [invoked, os.getpid()]")
    first, second = invoke(client, "count")["payload"], invoke(client, "count")["payload"]
    assert (first[0], second[0]) == (1, 2)
    assert first[1] == second[1] == environments(emulator)[0]["pid"]


def test_runtime_headers_name_the_invocation(client: Client) -> None:
    arn = create_function(client, "headers", "def handle(event, headers): return dict(headers)", Timeout=30)
    before = time.time() * 1000
    headers = invoke(client, "headers")["payload"]
    assert headers["Lambda-Runtime-Invoked-Function-Arn"] == arn
    assert headers["Lambda-Runtime-Trace-Id"].startswith("Root=1-")
    assert int(headers["Lambda-Runtime-Deadline-Ms"]) >= before + 30_000 - 1


def test_function_has_lambdas_environment_variables(client: Client, emulator: RunningEmulator) -> None:
    create_function(
        client,
        "variables",
        "def handle(event, headers): return dict(os.environ)",
        MemorySize=256,
        Environment={"Variables": {"MINE": "yes"}},
    )
    variables = invoke(client, "variables")["payload"]
    expected = {
        "AWS_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_NAME": "variables",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/variables",
        "AWS_ENDPOINT_URL": emulator.url,
        "_HANDLER": "bootstrap",
        "MINE": "yes",
    }
    assert {name: variables.get(name) for name in expected} == expected
    assert "AWS_EXECUTION_ENV" not in variables  # OS-only runtimes don't have it


def test_function_calls_aws_as_its_role(client: Client, emulator: RunningEmulator) -> None:
    create_function(
        client,
        "who",
        "def handle(event, headers): return {name: os.environ[name] for name in"
        " ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN')}",
    )
    keys = invoke(client, "who")["payload"]
    sts = emulator.client(
        "sts",
        credentials={
            "AccessKeyId": keys["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": keys["AWS_SESSION_TOKEN"],
        },
    )
    identity = sts.get_caller_identity()
    assert identity["Account"] == HUB
    assert identity["Arn"] == f"arn:aws:sts::{HUB}:assumed-role/who-role/who"
    assert emulator.calls(operation="GetCallerIdentity")[-1]["role"] == "who-role"


def test_output_and_platform_lines_are_in_the_log_group(client: Client) -> None:
    create_function(
        client,
        "talk",
        "def handle(event, headers):\n"
        "    print('to stdout', flush=True)\n"
        "    print('to stderr', file=sys.stderr, flush=True)\n"
        "    return 1",
    )
    answer = invoke(client, "talk", LogType="Tail")
    lines = log_lines(client, "/aws/lambda/talk")
    request_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert [line.split()[0] for line in lines] == ["INIT_START", "START", "to", "to", "END", "REPORT"]
    assert lines[2:4] == ["to stdout", "to stderr"]
    assert "Max Memory Used: " in lines[-1] and "Init Duration: " in lines[-1]
    assert "Max Memory Used: 0 MB" not in lines[-1]
    assert "to stdout" in base64.b64decode(answer["LogResult"]).decode()
    assert request_id


def test_json_logging_makes_platform_lines_json_in_the_chosen_group(client: Client) -> None:
    client("logs").create_log_group(logGroupName="chosen")
    create_function(client, "quiet", ECHO, LoggingConfig={"LogFormat": "JSON", "LogGroup": "chosen"})
    invoke(client, "quiet")
    lines = [json.loads(line) for line in log_lines(client, "chosen")]
    assert [line["type"] for line in lines] == [
        "platform.initStart",
        "platform.start",
        "platform.end",
        "platform.report",
    ]
    assert lines[-1]["record"]["metrics"]["memorySizeMB"] == 128
    assert client("lambda").get_function_configuration(FunctionName="quiet")["LoggingConfig"]["LogFormat"] == "JSON"


def test_log_is_lost_without_permission_to_write_it(client: Client, emulator: RunningEmulator) -> None:
    role = create_role(client("iam"), "silent", LAMBDA)
    client("lambda").create_function(
        FunctionName="silent", Role=role, Runtime="provided.al2023", Handler="x", Code={"ZipFile": package(ECHO)}
    )
    assert invoke(client, "silent")["payload"] == {"got": {}}
    assert not client("logs").describe_log_groups()["logGroups"]
    assert "logs:CreateLogGroup" in emulator.control("GET", "dropped")["dropped"][0]["reason"]


def test_error_that_the_function_reports_is_its_answer(client: Client) -> None:
    create_function(client, "no", "def handle(event, headers): raise Reported('not today')")
    answer = invoke(client, "no")
    assert answer["error"] == "Unhandled"
    assert answer["payload"] == {"errorType": "Reported", "errorMessage": "not today"}
    assert invoke(client, "no")["payload"]["errorMessage"] == "not today"


def test_process_that_ends_in_mid_invocation_is_an_exit_error_and_is_replaced(client: Client) -> None:
    create_function(
        client, "panic", "def handle(event, headers):\n    if event.get('die'): os._exit(101)\n    return 'fine'"
    )
    answer = invoke(client, "panic", {"die": True})
    assert answer["error"] == "Unhandled"
    assert answer["payload"]["errorType"] == "Runtime.ExitError"
    assert answer["payload"]["errorMessage"].endswith("Error: Runtime exited with error: exit status 101")
    assert invoke(client, "panic")["payload"] == "fine"


def test_process_that_ends_before_it_asks_for_work_is_an_init_error(client: Client) -> None:
    create_function(client, "stillborn", package_of("#!/bin/sh\necho no configuration >&2\nexit 3\n"))
    answer = invoke(client, "stillborn")
    assert answer["payload"]["errorType"] == "Runtime.ExitError"
    assert answer["payload"]["errorMessage"].endswith("exit status 3")
    lines = log_lines(client, "/aws/lambda/stillborn")
    assert lines.count("no configuration") == 2  # initialized anew within the first invocation
    assert any(line.startswith("INIT_REPORT") and "Status: error" in line for line in lines)


def test_error_that_is_reported_at_initialization_is_the_answer(client: Client) -> None:
    code = "ask('/init/error', {'errorType': 'NoConfig', 'errorMessage': 'broken'}).read(); sys.exit(1)"
    create_function(client, "honest", code)
    answer = invoke(client, "honest")
    assert (answer["error"], answer["payload"]) == ("Unhandled", {"errorType": "NoConfig", "errorMessage": "broken"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (package(ECHO, permissions=0o644), "permission denied"),
        (package(ECHO, name="main"), "Couldn't find valid bootstrap(s)"),
        (package_of("\x7fELF not for this machine"), "exec format error"),
    ],
    ids=["not executable", "no bootstrap", "not a program"],
)
def test_package_without_a_program_to_start_is_an_invalid_entrypoint(
    client: Client, content: bytes, reason: str
) -> None:
    create_function(client, "wrong", content)
    payload = invoke(client, "wrong")["payload"]
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert reason in payload["errorMessage"]


def test_timeout_kills_the_process(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "slow", "def handle(event, headers): time.sleep(600)", Timeout=1)
    answer = invoke(client, "slow")
    assert answer["payload"]["errorType"] == "Sandbox.Timedout"
    assert answer["payload"]["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert environments(emulator) == []
    assert any("Task timed out" in line for line in log_lines(client, "/aws/lambda/slow"))


def test_process_can_be_killed_in_mid_invocation(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "victim", "def handle(event, headers): time.sleep(600)", Timeout=900)
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.append(invoke(client, "victim")))
    thread.start()
    eventually(lambda: [e for e in environments(emulator) if e["state"] == "busy" and e["pid"]])
    killed = eventually(lambda: emulator.control("POST", "functions/victim/kill")["killed"])
    thread.join(60)
    assert answers[0]["payload"]["errorType"] == "Runtime.ExitError"
    assert answers[0]["payload"]["errorMessage"].endswith("signal: killed")
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0], signal.SIG_DFL)


def test_several_environments_run_at_a_time(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "wide", "def handle(event, headers): time.sleep(1); return os.getpid()", Timeout=60)
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(invoke(client, "wide")["payload"])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(pids)) == 3 == len(environments(emulator))


def test_more_invocations_than_processes_wait_for_their_turn(client: Client, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"function_processes": 1})
    create_function(client, "narrow", "def handle(event, headers): return os.getpid()")
    create_function(client, "other", "def handle(event, headers): return os.getpid()")
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(invoke(client, "narrow")["payload"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(pids)) == 1 and len(pids) == 4
    assert invoke(client, "other")["payload"] not in pids
    assert [environment["function"] for environment in environments(emulator)] == ["other"]


def test_function_keeps_its_one_environment_while_others_run(client: Client, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"environments_of_a_function": 1})
    create_function(client, "alone", "def handle(event, headers): time.sleep(0.2); return os.getpid()")
    create_function(client, "other", "def handle(event, headers): return os.getpid()")
    pids: list[int] = []
    threads = [threading.Thread(target=lambda: pids.append(invoke(client, "alone")["payload"])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other = invoke(client, "other")["payload"]
    pids.append(invoke(client, "alone")["payload"])
    assert len(pids) == 4 and len(set(pids)) == 1 and other not in pids


def test_reserved_concurrency_throttles(client: Client) -> None:
    create_function(client, "off", ECHO)
    client("lambda").put_function_concurrency(FunctionName="off", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        invoke(client, "off")
    assert error.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert error.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    client("lambda").delete_function_concurrency(FunctionName="off")
    assert invoke(client, "off")["error"] is None


def test_new_code_and_new_configuration_replace_the_environment(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "changing", "def handle(event, headers): return ['old', os.environ.get('MODE')]")
    assert invoke(client, "changing")["payload"] == ["old", None]
    code = package("def handle(event, headers): return ['new', os.environ.get('MODE')]")
    client("lambda").update_function_code(FunctionName="changing", ZipFile=code)
    assert invoke(client, "changing")["payload"] == ["new", None]
    client("lambda").update_function_configuration(
        FunctionName="changing", Environment={"Variables": {"MODE": "observe"}}
    )
    assert invoke(client, "changing")["payload"] == ["new", "observe"]
    assert len(environments(emulator)) == 1


def test_code_comes_from_a_bucket(client: Client) -> None:
    client("s3").create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="code", Key="bootstrap.zip", Body=package(ECHO))
    role = create_role(client("iam"), "role", LAMBDA, EXECUTION)
    settings = {"Role": role, "Runtime": "provided.al2023", "Handler": "bootstrap"}
    client("lambda").create_function(
        FunctionName="stored", Code={"S3Bucket": "code", "S3Key": "bootstrap.zip"}, **settings
    )
    assert invoke(client, "stored", {"x": 1})["payload"] == {"got": {"x": 1}}
    with pytest.raises(ClientError, match="NoSuchKey"):
        client("lambda").create_function(FunctionName="gone", Code={"S3Bucket": "code", "S3Key": "no"}, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Runtime": "provided.al2"}, "no longer supported"),
        ({"Environment": {"Variables": {"AWS_REGION": "eu-west-1"}}}, "reserved keys"),
        ({"Environment": {"Variables": {"BIG": "x" * 5000}}}, "4KB limit"),
    ],
    ids=["deprecated runtime", "reserved variable", "too many variables"],
)
def test_create_function_refuses_what_lambda_refuses(client: Client, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as error:
        create_function(client, "refused", ECHO, **settings)
    assert error.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_create_function_refuses_a_role_that_lambda_may_not_assume(client: Client) -> None:
    role = create_role(client("iam"), "for-events", "events.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        client("lambda").create_function(
            FunctionName="refused", Role=role, Runtime="provided.al2023", Handler="x", Code={"ZipFile": package(ECHO)}
        )


def test_asynchronous_invocation_is_repeated_and_ends_in_the_dead_letter_queue(
    client: Client, emulator: RunningEmulator
) -> None:
    emulator.control("POST", "settings", {"asynchronous_retry_seconds": [0]})
    queue = client("sqs").create_queue(QueueName="failures")["QueueUrl"]
    arn = create_function(
        client,
        "failing",
        "def handle(event, headers): raise Reported('attempt %d' % invoked)",
        DeadLetterConfig={"TargetArn": f"arn:aws:sqs:eu-west-1:{HUB}:failures"},
    )
    answer = client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=b'{"n": 1}')
    assert answer["StatusCode"] == 202
    message = eventually(
        lambda: client("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages")
    )[0]
    assert json.loads(message["Body"]) == {"n": 1}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "attempt 3"


def test_dry_run_invokes_nothing(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "echo", ECHO)
    assert client("lambda").invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"] == 204
    assert environments(emulator) == []


def test_another_account_needs_the_functions_permission(client: Client) -> None:
    arn = create_function(client, "shared", ECHO)
    stranger = client("lambda", account="444444444444")
    with pytest.raises(ClientError) as error:
        stranger.invoke(FunctionName=arn)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    client("lambda").add_permission(
        FunctionName="shared", StatementId="s", Action="lambda:InvokeFunction", Principal="444444444444"
    )
    assert stranger.invoke(FunctionName=arn)["StatusCode"] == 200


def test_reset_ends_all_processes(client: Client, emulator: RunningEmulator) -> None:
    create_function(client, "echo", "def handle(event, headers): return os.getpid()")
    pid = invoke(client, "echo")["payload"]
    emulator.control("POST", "reset")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_processes_end_with_the_emulator(ending: signal.Signals) -> None:
    process, url = start_emulator()
    try:
        own = RunningEmulator(url).client
        create_function(own, "echo", "def handle(event, headers): return os.getpid()")
        pid = invoke(own, "echo")["payload"]
        os.kill(pid, signal.SIG_DFL)
    finally:
        process.send_signal(ending)
        process.wait(60)

    def is_gone() -> bool:
        try:
            os.kill(pid, signal.SIG_DFL)
        except ProcessLookupError:
            return True
        return False

    eventually(is_gone)
