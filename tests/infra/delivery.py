"""Every way a message takes through a rendered template: is it let through, and what fails, is it kept?

A validator sees resources one by one. A queue that doesn't let its sender in, a role that its service may not take, a
dead-letter queue that refuses dead letters: none of them is an error until a message is lost.
"""

from collections.abc import Iterator
from typing import Any

from infra.permission import Request, Statement, allowed
from infra.rendering import Rendering

EVENTS, SNS, SCHEDULER, LAMBDA = (f"{name}.amazonaws.com" for name in ("events", "sns", "scheduler", "lambda"))


def complaints(rendering: Rendering) -> list[str]:
    """What would be lost, and where."""
    return [
        *_rules(rendering),
        *_subscriptions(rendering),
        *_schedules(rendering),
        *_redrives(rendering),
        *_mappings(rendering),
        *_logs(rendering),
    ]


def _rules(rendering: Rendering) -> Iterator[str]:
    for name, rule in rendering.of_type("AWS::Events::Rule").items():
        source = {"aws:sourcearn": rendering.arn(name), "aws:sourceaccount": rendering.account}
        for target in rule["Targets"]:
            if target["Arn"].split(":")[2] == "sqs":
                yield from _into_queue(rendering, f"rule {name}", target["Arn"], EVENTS, source)
                if "RoleArn" in target:
                    yield f"rule {name}: a queue is no target for a role, its own policy lets EventBridge in"
            else:
                yield from _by_role(rendering, f"rule {name}", target, EVENTS, source, {})
            dead_letters = target.get("DeadLetterConfig", {}).get("Arn", "nowhere")
            yield from _into_queue(rendering, f"rule {name}: dead letters", dead_letters, EVENTS, source)


def _subscriptions(rendering: Rendering) -> Iterator[str]:
    for name, subscription in rendering.of_type("AWS::SNS::Subscription").items():
        source = {"aws:sourcearn": subscription["TopicArn"]}
        dead_letters = subscription.get("RedrivePolicy", {}).get("deadLetterTargetArn", "nowhere")
        yield from _into_queue(rendering, f"subscription {name}", subscription["Endpoint"], SNS, source)
        yield from _into_queue(rendering, f"subscription {name}: dead letters", dead_letters, SNS, source)


def _schedules(rendering: Rendering) -> Iterator[str]:
    for name, schedule in rendering.of_type("AWS::Scheduler::Schedule").items():
        target = schedule["Target"]
        group = schedule.get("GroupName", "default")
        source = {
            "aws:sourcearn": f"arn:aws:scheduler:{rendering.region}:{rendering.account}:schedule-group/{group}",
            "aws:sourceaccount": rendering.account,
        }
        put = {
            "events:source": [target["EventBridgeParameters"]["Source"]],
            "events:detail-type": target["EventBridgeParameters"]["DetailType"],
        }
        yield from _by_role(rendering, f"schedule {name}", target, SCHEDULER, source, put)
        # Scheduler sends dead letters by the role of the schedule, not as a service.
        dead_letters = target.get("DeadLetterConfig", {}).get("Arn", "nowhere")
        if not allowed(_role_statements(rendering, target["RoleArn"]), Request("sqs:SendMessage", dead_letters)):
            yield f"schedule {name}: dead letters: the role may not send to {dead_letters}"


def _redrives(rendering: Rendering) -> Iterator[str]:
    for name, queue in rendering.of_type("AWS::SQS::Queue").items():
        if "RedrivePolicy" not in queue:
            continue
        end = _queue(rendering, queue["RedrivePolicy"]["deadLetterTargetArn"])
        sources = end.get("RedriveAllowPolicy", {}).get("sourceQueueArns")
        if sources is not None and rendering.arn(name) not in sources:
            yield f"queue {name}: its dead letters are not let in"
        # A dead letter keeps the time at which it was first sent.
        if end["MessageRetentionPeriod"] <= queue["MessageRetentionPeriod"]:
            yield f"queue {name}: its dead letters are not kept longer than its messages"


def _mappings(rendering: Rendering) -> Iterator[str]:
    for name, mapping in rendering.of_type("AWS::Lambda::EventSourceMapping").items():
        function = _function(rendering, mapping["FunctionName"])
        queue = _queue(rendering, mapping["EventSourceArn"])
        statements = _role_statements(rendering, function["Role"])
        # What Lambda calls with the function's role (Lambda developer guide, "Execution role permissions" of SQS).
        for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
            if not allowed(statements, Request(action, mapping["EventSourceArn"])):
                yield f"mapping {name}: the function's role may not {action}"
        window = mapping["MaximumBatchingWindowInSeconds"]
        if queue["VisibilityTimeout"] < 6 * function["Timeout"] + window:
            yield f"mapping {name}: messages become visible again while they are worked on"
        if mapping["BatchSize"] > 10 and window < 1:
            yield f"mapping {name}: Lambda refuses more than 10 messages without a window"
        if not allowed(_role(rendering, function["Role"])[0], Request("sts:AssumeRole", service=LAMBDA)):
            yield f"mapping {name}: Lambda may not take the function's role"


def _logs(rendering: Rendering) -> Iterator[str]:
    groups = {
        group["LogGroupName"]: rendering.arn(name) for name, group in rendering.of_type("AWS::Logs::LogGroup").items()
    }
    for name, function in rendering.of_type("AWS::Lambda::Function").items():
        group = groups.get(function["LoggingConfig"]["LogGroup"])
        if group is None:
            yield f"function {name}: no such log group"
            continue
        stream = group.removesuffix("*") + "log-stream:2026/11/23/[$LATEST]0123"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if not allowed(_role_statements(rendering, function["Role"]), Request(action, stream)):
                yield f"function {name}: the role may not {action}"


def _into_queue(rendering: Rendering, who: str, queue: str, service: str, context: dict[str, str]) -> Iterator[str]:
    request = Request("sqs:SendMessage", queue, context, service=service)
    if not allowed(queue_policy(rendering, queue), request):
        yield f"{who}: {queue} does not let {service} in"


def _by_role(
    rendering: Rendering,
    who: str,
    target: dict[str, Any],
    service: str,
    source: dict[str, str],
    put: dict[str, Any],
) -> Iterator[str]:
    if "RoleArn" not in target:
        yield f"{who}: no role to put events by"
        return
    trust, statements = _role(rendering, target["RoleArn"])
    if not allowed(trust, Request("sts:AssumeRole", context=source, service=service)):
        yield f"{who}: {service} may not take the role"
    if not allowed(statements, Request("events:PutEvents", target["Arn"], put)):
        yield f"{who}: the role may not put events on {target['Arn']}"


def queue_policy(rendering: Rendering, arn: str) -> list[Statement]:
    """Statements of the policies of the queue with this ARN."""
    url = next((rendering.reference(n) for n in rendering.of_type("AWS::SQS::Queue") if rendering.arn(n) == arn), None)
    policies = rendering.of_type("AWS::SQS::QueuePolicy").values()
    return [s for policy in policies if url in policy["Queues"] for s in policy["PolicyDocument"]["Statement"]]


def _queue(rendering: Rendering, arn: str) -> dict[str, Any]:
    return next(q for n, q in rendering.of_type("AWS::SQS::Queue").items() if rendering.arn(n) == arn)


def _function(rendering: Rendering, name: str) -> dict[str, Any]:
    return next(f for f in rendering.of_type("AWS::Lambda::Function").values() if f["FunctionName"] == name)


def _role(rendering: Rendering, arn: str) -> tuple[list[Statement], list[Statement]]:
    """Trust and permissions of the role with this ARN."""
    name = next(n for n in rendering.of_type("AWS::IAM::Role") if rendering.arn(n) == arn)
    return trust(rendering, name), permissions(rendering, name)


def _role_statements(rendering: Rendering, arn: str) -> list[Statement]:
    return _role(rendering, arn)[1]


def trust(rendering: Rendering, role: str) -> list[Statement]:
    """Statements of the trust policy of a role."""
    return rendering.properties(role)["AssumeRolePolicyDocument"]["Statement"]


def permissions(rendering: Rendering, role: str) -> list[Statement]:
    """Statements of all policies of a role: its own, and the stack's that are attached to it."""
    documents = [*own_policies(rendering, role), *attached_policies(rendering, role)]
    return [statement for document in documents for statement in document["Statement"]]


def own_policies(rendering: Rendering, role: str) -> list[dict[str, Any]]:
    """Documents of the policies that are part of a role."""
    return [policy["PolicyDocument"] for policy in rendering.properties(role)["Policies"]]


def attached_policies(rendering: Rendering, role: str) -> list[dict[str, Any]]:
    """Documents of the managed policies that are attached to a role."""
    name = rendering.reference(role)
    policies = rendering.of_type("AWS::IAM::ManagedPolicy").values()
    return [policy["PolicyDocument"] for policy in policies if name in policy["Roles"]]
