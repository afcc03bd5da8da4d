"""AppConfig: from a hosted version over its deployment to the poll of a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .running import RunningEmulator
from .sample_functions import create_function

Client = Callable[..., Any]
AT_ONCE = {"DeploymentDurationInMinutes": 0, "GrowthFactor": 100, "FinalBakeTimeInMinutes": 0, "ReplicateTo": "NONE"}


class Hosted:
    """An application `drawbridge` with environment `hub` and profile `settings`."""

    def __init__(self, client: Client, validators: list[dict[str, str]] | None = None) -> None:
        self.appconfig = client("appconfig")
        self.data = client("appconfigdata")
        self.application = self.appconfig.create_application(Name="drawbridge", Tags={"team": "network"})["Id"]
        inside = {"ApplicationId": self.application}
        self.environment = self.appconfig.create_environment(Name="hub", **inside)["Id"]
        self.profile = self.appconfig.create_configuration_profile(
            Name="settings", LocationUri="hosted", Validators=validators or [], **inside
        )["Id"]
        self.strategy = self.appconfig.create_deployment_strategy(Name="at-once", **AT_ONCE)["Id"]

    def version(self, content: str) -> int:
        return self.appconfig.create_hosted_configuration_version(
            ApplicationId=self.application,
            ConfigurationProfileId=self.profile,
            Content=content.encode(),
            ContentType="application/json",
        )["VersionNumber"]

    def deploy(self, version: int) -> dict[str, Any]:
        return self.appconfig.start_deployment(
            ApplicationId=self.application,
            EnvironmentId=self.environment,
            DeploymentStrategyId=self.strategy,
            ConfigurationProfileId=self.profile,
            ConfigurationVersion=str(version),
        )

    def session(self, application: str = "drawbridge", environment: str = "hub", profile: str = "settings") -> str:
        return self.data.start_configuration_session(
            ApplicationIdentifier=application, EnvironmentIdentifier=environment, ConfigurationProfileIdentifier=profile
        )["InitialConfigurationToken"]

    def poll(self, token: str) -> tuple[bytes, str, dict[str, Any]]:
        answer = self.data.get_latest_configuration(ConfigurationToken=token)
        return answer["Configuration"].read(), answer["NextPollConfigurationToken"], answer


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_session_gets_the_deployed_configuration_once(client: Client, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"appconfig_poll_seconds": 0})
    hosted = Hosted(client)
    begun = hosted.deploy(hosted.version('{"mode": "observe"}'))
    assert (begun["DeploymentNumber"], begun["State"]) == (1, "DEPLOYING")
    shown = hosted.appconfig.get_deployment(
        ApplicationId=hosted.application, EnvironmentId=hosted.environment, DeploymentNumber=1
    )
    assert (shown["State"], shown["ConfigurationVersion"], shown["PercentageComplete"]) == ("COMPLETE", "1", 100.0)
    content, token, answer = hosted.poll(hosted.session())
    assert json.loads(content) == {"mode": "observe"}
    assert (answer["ContentType"], answer["NextPollIntervalInSeconds"]) == ("application/json", 0)
    content, token, _ = hosted.poll(token)
    assert content == b""
    hosted.deploy(hosted.version('{"mode": "enforce"}'))
    assert json.loads(hosted.poll(token)[0]) == {"mode": "enforce"}


def test_session_is_started_by_ids_as_well(client: Client) -> None:
    hosted = Hosted(client)
    hosted.deploy(hosted.version("{}"))
    assert hosted.poll(hosted.session(hosted.application, hosted.environment, hosted.profile))[0] == b"{}"


@pytest.mark.parametrize("unknown", ["application", "environment", "profile"])
def test_session_for_something_unknown_is_refused_by_its_kind(client: Client, unknown: str) -> None:
    kinds = {"application": "Application", "environment": "Environment", "profile": "ConfigurationProfile"}
    with pytest.raises(ClientError) as error:
        Hosted(client).session(**{unknown: "unknown"})
    assert code_of(error) == "ResourceNotFoundException"
    assert error.value.response["ResourceType"] == kinds[unknown]


def test_version_that_is_not_deployed_is_not_served(client: Client) -> None:
    hosted = Hosted(client)
    hosted.version("{}")
    with pytest.raises(ClientError) as error:
        hosted.poll(hosted.session())
    assert (code_of(error), error.value.response["ResourceType"]) == ("ResourceNotFoundException", "Deployment")


def test_poll_before_the_interval_is_over_is_refused(client: Client) -> None:
    hosted = Hosted(client)
    hosted.deploy(hosted.version("{}"))
    _, token, answer = hosted.poll(hosted.session())
    assert answer["NextPollIntervalInSeconds"] == 60
    with pytest.raises(ClientError) as error:
        hosted.poll(token)
    problem = error.value.response["Details"]["InvalidParameters"]["ConfigurationToken"]["Problem"]
    assert (code_of(error), problem) == ("BadRequestException", "PollIntervalNotSatisfied")


def test_token_is_good_once(client: Client, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"appconfig_poll_seconds": 0})
    hosted = Hosted(client)
    hosted.deploy(hosted.version("{}"))
    _, token, _ = hosted.poll(hosted.session())
    hosted.poll(token)
    with pytest.raises(ClientError, match="Token not valid"):
        hosted.poll(token)


def test_schema_refuses_what_it_does_not_describe(client: Client) -> None:
    schema = {"type": "object", "properties": {"mode": {"enum": ["observe", "enforce"]}}, "required": ["mode"]}
    hosted = Hosted(client, [{"Type": "JSON_SCHEMA", "Content": json.dumps(schema)}])
    good, bad, text = hosted.version('{"mode": "observe"}'), hosted.version('{"mode": "x"}'), hosted.version("mode: x")
    hosted.deploy(good)
    for version in (bad, text):
        with pytest.raises(ClientError, match="Error validating configuration") as error:
            hosted.deploy(version)
        assert code_of(error) == "BadRequestException"
        with pytest.raises(ClientError, match="Error validating configuration"):
            hosted.appconfig.validate_configuration(
                ApplicationId=hosted.application,
                ConfigurationProfileId=hosted.profile,
                ConfigurationVersion=str(version),
            )
    assert hosted.poll(hosted.session())[0] == b'{"mode": "observe"}'


def test_function_that_validates_is_asked(client: Client) -> None:
    function = create_function(
        client,
        "validator",
        "import base64\n"
        "def handle(event, headers):\n"
        "    if b'bad' in base64.b64decode(event['content']): raise Reported('that is bad')",
    )
    hosted = Hosted(client, [{"Type": "LAMBDA", "Content": function}])
    version = hosted.version("good")
    with pytest.raises(ClientError, match="Error invoking validator"):
        hosted.deploy(version)
    client("lambda").add_permission(
        FunctionName="validator", StatementId="s", Action="lambda:InvokeFunction", Principal="appconfig.amazonaws.com"
    )
    hosted.deploy(version)
    with pytest.raises(ClientError, match="that is bad"):
        hosted.deploy(hosted.version("bad"))


def test_hosted_version_comes_back_as_it_was_put(client: Client) -> None:
    hosted = Hosted(client)
    version = hosted.version("äöü: 1\n")
    answer = hosted.appconfig.get_hosted_configuration_version(
        ApplicationId=hosted.application, ConfigurationProfileId=hosted.profile, VersionNumber=version
    )
    assert answer["Content"].read().decode() == "äöü: 1\n"
    assert (answer["VersionNumber"], answer["ContentType"]) == (1, "application/json")
    versions = hosted.appconfig.list_hosted_configuration_versions(
        ApplicationId=hosted.application, ConfigurationProfileId=hosted.profile
    )["Items"]
    assert [version["VersionNumber"] for version in versions] == [1]


def test_profile_with_versions_and_application_with_a_profile_are_not_deleted(client: Client) -> None:
    hosted = Hosted(client)
    version = hosted.version("{}")
    inside = {"ApplicationId": hosted.application, "ConfigurationProfileId": hosted.profile}
    with pytest.raises(ClientError, match="there are still hosted configuration versions"):
        hosted.appconfig.delete_configuration_profile(**inside)
    hosted.appconfig.delete_hosted_configuration_version(VersionNumber=version, **inside)
    with pytest.raises(ClientError, match="still has environments"):
        hosted.appconfig.delete_application(ApplicationId=hosted.application)
    hosted.appconfig.delete_configuration_profile(**inside)
    hosted.appconfig.delete_environment(ApplicationId=hosted.application, EnvironmentId=hosted.environment)
    hosted.appconfig.delete_application(ApplicationId=hosted.application)
    assert hosted.appconfig.list_applications()["Items"] == []


def test_reverted_deployment_brings_the_version_before_back(client: Client) -> None:
    hosted = Hosted(client)
    hosted.deploy(hosted.version("old"))
    hosted.deploy(hosted.version("new"))
    hosted.appconfig.stop_deployment(
        ApplicationId=hosted.application, EnvironmentId=hosted.environment, DeploymentNumber=2, AllowRevert=True
    )
    assert hosted.poll(hosted.session())[0] == b"old"


def test_other_accounts_and_regions_see_nothing(client: Client) -> None:
    Hosted(client)
    assert client("appconfig", account="444444444444").list_applications()["Items"] == []
    assert client("appconfig", region="us-east-1").list_applications()["Items"] == []


def test_tags_are_kept(client: Client) -> None:
    hosted = Hosted(client)
    arn = f"arn:aws:appconfig:eu-west-1:222222222222:application/{hosted.application}"
    hosted.appconfig.tag_resource(ResourceArn=arn, Tags={"more": "x"})
    assert hosted.appconfig.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "network", "more": "x"}
