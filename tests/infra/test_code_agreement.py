"""Templates and Rust code agree: on the calls that each function's role allows, and on names that both use."""

import re

import pytest

from infra.delivery import permissions
from infra.metrics import watched_by
from infra.rendering import (
    ALARM_PARAMETERS,
    CLOUD_MAP_PARAMETERS,
    DNS_PARAMETERS,
    HUB_PARAMETERS,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    PROVIDER_ACCOUNT,
    REGION,
    TAG_PARAMETERS,
    Rendering,
)
from infra.rust_calls import ADAPTERS, actions_of, code, repository
from infra.template import REPOSITORY, Template, altered, at, read, without
from infra.test_function_role import granted

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
SOURCES = repository()
ROLES = {
    "accept-connections": "FunctionRole",
    "watch-organization": "WatchRole",
    "sync-dns": "SyncRole",
    "tag-resources": "TagsRole",
    "publish-alarms": "AlarmsRole",
    "sync-cloud-map": "CloudMapRole",
}
EVERYTHING = (
    HUB_PARAMETERS
    | DNS_PARAMETERS
    | TAG_PARAMETERS
    | ALARM_PARAMETERS
    | CLOUD_MAP_PARAMETERS
    | {"ManagePrincipals": "yes"}
)
# What the frame around every function calls where the environment names a queue.
OF_THE_QUEUE = {"sqs:SendMessage"}
ROLE = "Resources/{}/Properties/Policies/0/PolicyDocument/Statement"


def disagreement(function: str, template: Template = HUB, sources: dict[str, str] = SOURCES) -> list[str]:
    """Actions of a function's role that its code doesn't need, and needed ones that the role lacks."""
    rendering = Rendering(template, EVERYTHING)
    has, needs = granted(rendering, ROLES[function]), actions_of(function, sources)
    functions = rendering.of_type("AWS::Lambda::Function").values()
    environment = next(f["Environment"] for f in functions if f["FunctionName"] == f"drawbridge-{function}")
    if "DRAWBRIDGE_QUEUE" not in environment["Variables"]:
        needs -= OF_THE_QUEUE
    return sorted(f"unused {action}" for action in has - needs) + sorted(f"missing {action}" for action in needs - has)


def test_every_function_of_the_hub_has_a_role_that_is_looked_at():
    functions = Rendering(HUB, HUB_PARAMETERS).of_type("AWS::Lambda::Function").values()
    assert {function["FunctionName"].removeprefix("drawbridge-") for function in functions} == set(ROLES)


@pytest.mark.parametrize("function", ROLES)
def test_a_role_allows_what_its_function_calls_and_nothing_else(function):
    assert disagreement(function) == []


def test_a_role_that_allows_less_or_more_is_told():
    wider = altered(
        HUB, f"{ROLE.format('FunctionRole')}/2/Action", ["ec2:AcceptVpcEndpointConnections", "ec2:RunInstances"]
    )
    assert {"unused ec2:RunInstances", "missing ec2:RejectVpcEndpointConnections"} <= set(
        disagreement("accept-connections", wider)
    )


def test_a_function_that_is_given_a_queue_without_leave_to_send_is_told():
    given = altered(HUB, "Resources/Function/Properties/Environment/Variables/DRAWBRIDGE_QUEUE", {"Ref": "Queue"})
    assert disagreement("accept-connections", given) == ["missing sqs:SendMessage"]
    taken = without(HUB, "Resources/SyncFunction/Properties/Environment/Variables/DRAWBRIDGE_QUEUE")
    assert disagreement("sync-dns", taken) == ["unused sqs:SendMessage"]


# Sources as small as they can be: two functions, of which one looks and the other writes.
SMALL = {
    "functions/looks/src/main.rs": "use drawbridge::controller::looking::Looking;",
    "functions/writes/src/main.rs": "use drawbridge::controller::writing::Writing;",
    "shared/src/lambda.rs": "fn serve() { self.bus.publish(events) }",
    "shared/src/controller/looking.rs": "fn observe(&self) { self.private_link.list(key); names.find(x) }",
    "shared/src/controller/writing.rs": "fn apply(&self) { self.answer() } fn answer(&self) { find(&self.private_link, 1) }",
    "shared/src/places.rs": "fn find(private_link: &impl PrivateLink) { private_link.accept(key) }",
    "shared/src/port.rs": "pub trait PrivateLink { fn list(&self); fn accept(&self); } pub trait Bus { fn publish(&self); }",
    "shared/src/aws/ec2.rs": """
        use aws_sdk_ec2::Client;
        impl PrivateLink for Ec2 {
            fn list(&self) -> Vec<[u8; 2]> { self.pages().send() }
            fn accept(&self) { self.client().accept_vpc_endpoint_connections().send() }
        }
        fn pages() { client.describe_vpc_endpoint_connections() }
        fn client() { access.config(account) }
    """,
    "shared/src/aws/mod.rs": "fn config(&self) { AssumeRoleProvider::builder(role) }",
    "shared/src/aws/bus.rs": "use aws_sdk_eventbridge::Client; impl Bus for B { fn publish(&self) { x.put_events() } }",
}


def test_calls_are_told_apart_by_function():
    assert actions_of("looks", SMALL) == {"ec2:DescribeVpcEndpointConnections", "events:PutEvents"}
    assert actions_of("writes", SMALL) == {
        "ec2:AcceptVpcEndpointConnections",
        "sts:AssumeRole",
        "events:PutEvents",
    }


def test_a_call_more_in_an_adapter_is_a_call_more_of_those_who_use_it():
    more = SMALL | {
        "shared/src/aws/ec2.rs": SMALL["shared/src/aws/ec2.rs"].replace("pages()", "tag(); x.create_tags()", 1)
    }
    assert "ec2:CreateTags" in actions_of("looks", more)
    assert "ec2:CreateTags" not in actions_of("writes", more)


def test_the_files_of_a_controller_s_folder_are_the_controller():
    parted = SMALL | {"shared/src/controller/looking/tags.rs": "fn more(&self) { self.private_link.accept(key) }"}
    assert "ec2:AcceptVpcEndpointConnections" in actions_of("looks", parted)


def test_a_port_may_be_in_a_file_of_its_own():
    names = {
        "shared/src/port/names.rs": "pub trait Names { fn enter(&self); }",
        "shared/src/aws/names.rs": "use aws_sdk_route53::Client; impl Names for N { fn enter(&self) { x.get_change() } }",
        "shared/src/controller/looking.rs": "fn observe(&self) { self.names.enter(key) }",
    }
    assert "route53:GetChange" in actions_of("looks", SMALL | names)


def test_a_function_that_takes_no_port_is_not_handed_one():
    alike = SMALL | {
        "shared/src/controller/looking.rs": "fn observe(&self) { all(private_link) }",
        "shared/src/places.rs": "fn all(bus: &impl Bus, private_link: u8) { private_link.accept(key) }",
    }
    assert "ec2:AcceptVpcEndpointConnections" not in actions_of("looks", alike)
    takes_it = alike["shared/src/places.rs"].replace("u8", "&impl PrivateLink")
    assert "ec2:AcceptVpcEndpointConnections" in actions_of("looks", alike | {"shared/src/places.rs": takes_it})


def test_a_method_that_a_port_makes_of_another_needs_what_the_other_needs():
    port = SMALL["shared/src/port.rs"].replace(
        "fn list(&self);", "fn list(&self); fn count(&self) { self.list().len() }"
    )
    counting = {
        "shared/src/port.rs": port,
        "shared/src/controller/looking.rs": "fn observe(&self) { self.private_link.count() }",
    }
    assert actions_of("looks", SMALL | counting) == {"ec2:DescribeVpcEndpointConnections", "events:PutEvents"}


def test_what_the_tagging_api_calls_in_our_name_is_needed_as_well():
    tagging = {
        "shared/src/port/tags.rs": "pub trait ResourceTags { fn tag(&self); }",
        "shared/src/aws/tags.rs": """
            use aws_sdk_resourcegroupstagging::Client;
            use aws_sdk_elasticloadbalancingv2 as balancing;
            impl ResourceTags for T { fn tag(&self) { x.tag_resources(); balancing.add_tags() } }
        """,
        "shared/src/controller/writing.rs": "fn apply(&self) { self.resource_tags.tag(key) }",
    }
    assert actions_of("writes", SMALL | tagging) == {
        "tag:TagResources",
        "route53:ChangeTagsForResource",
        "servicediscovery:TagResource",
        "cloudwatch:TagResource",
        "elasticloadbalancing:AddTags",
        "events:PutEvents",
    }


def test_a_call_that_an_adapter_names_by_a_constant_is_needed_with_leave_to_tag_what_it_makes():
    named = {
        "shared/src/port/alarms.rs": "pub trait Alarms { fn put(&self); fn see(&self); }",
        "shared/src/aws/cloudwatch.rs": code(
            'const PUT: &str = "cloudwatch:PutMetricAlarm";\nconst GET: &str = "cloudwatch:GetDashboard";\n'
            "impl Alarms for C { fn put(&self) { self.ask(PUT) } fn see(&self) { self.ask(GET) } }"
        ),
        "shared/src/controller/looking.rs": "fn observe(&self) { self.alarms.see() }",
        "shared/src/controller/writing.rs": "fn apply(&self) { self.alarms.put() }",
    }
    assert actions_of("looks", SMALL | named) == {"cloudwatch:GetDashboard", "events:PutEvents"}
    assert actions_of("writes", SMALL | named) >= {"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"}


def test_a_function_that_is_not_there_is_told():
    with pytest.raises(LookupError, match="functions/sleeps"):
        actions_of("sleeps", SMALL)


def test_comments_texts_and_tests_are_no_code():
    text = "fn a() { b() } // c()\nconst D: &str = \"e()\";\n#[cfg(test)]\nmod tests { fn f() { '}'; g() } }\nfn h() {}"
    assert re.findall(r"\w+(?=\()", code(text)) == ["a", "b", "h"]
    raw = """a('"'); r#"b("{")"#; c(b'\\'', '{', '\\u{1F512}'); fn d<'e>(f: &'e str) {} "g(\\"h()" """
    assert re.findall(r"\w+(?=\()|[{}]", code(raw)) == ["a", "c", "{", "}"]


# Names.
def literals() -> set[str]:
    """Text literals of the code, tests left out."""
    texts = [re.sub(r"//.*", "", (REPOSITORY / path).read_text(encoding="utf-8")) for path in SOURCES]
    return {literal for text in texts for literal in re.findall(r'"([^"\\\n]*)"', text)}


LITERALS = literals()


def watched() -> set[str]:
    alarms = Rendering(HUB, HUB_PARAMETERS).of_type("AWS::CloudWatch::Alarm").values()
    own = [found for alarm in alarms for found in watched_by(alarm) if found[0].namespace == "Drawbridge"]
    return {metric.metric for metric, _ in own}.union(*(values.values() for _, values in own))


def test_every_own_metric_that_an_alarm_watches_is_published_by_the_code():
    assert watched() | {"Drawbridge", "Function"} <= LITERALS


def test_a_metric_that_the_code_does_not_publish_is_told():
    assert not {"ConfigurationRefused"} <= LITERALS


TOLD = REPOSITORY / "shared" / "src" / "event" / "told.rs"
ARCHIVED = "Resources/Archive/Properties/EventPattern/detail-type"


def untold_or_lost(template: Template = HUB) -> set[str]:
    """Kinds of event that the code tells and the archive doesn't keep, or the other way round."""
    told = set(re.findall(r'=> "([^"]+)",', TOLD.read_text(encoding="utf-8")))
    return told ^ set(at(template, ARCHIVED))


def test_the_archive_keeps_what_the_code_tells():
    assert untold_or_lost() == set()


def test_an_archive_that_forgets_something_is_told():
    assert untold_or_lost(without(HUB, f"{ARCHIVED}/0")) == {"Connection Accepted"}


MODEL = REPOSITORY / "shared" / "src" / "model"


def keys_beside_those_of_the_stack(template: Template, role: str, parameters: dict[str, str]) -> set[tuple[str, ...]]:
    """Keys that statements let be written besides TagKeys; those with which accept-connections marks are left out."""
    statements = permissions(Rendering(template, parameters, account=PROVIDER_ACCOUNT), role)
    keys = [item.get("Condition", {}).get("ForAllValues:StringEquals", {}).get("aws:TagKeys") for item in statements]
    stack = set(TAG_PARAMETERS["TagKeys"].split(","))
    return {tuple(key for key in listed if key not in stack) for listed in keys if listed and stack <= set(listed)}


def test_the_tag_that_lists_the_keys_is_the_one_that_roles_may_write():
    written = re.search(r'const WRITTEN: &str = "([^"]+)";', (MODEL / "tag.rs").read_text(encoding="utf-8"))
    expected = {(written[1],)}
    assert keys_beside_those_of_the_stack(HUB, "TagsRole", EVERYTHING) == expected
    member = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | TAG_PARAMETERS
    assert keys_beside_those_of_the_stack(MEMBER, "MemberRole", member) == expected
    keys = f"{ROLE.format('TagsRole')}/3/Fn::If/1/Condition/ForAllValues:StringEquals/aws:TagKeys"
    obeyed = altered(HUB, keys, ["creator", "cost-centre", "drawbridge:owner"])
    assert keys_beside_those_of_the_stack(obeyed, "TagsRole", EVERYTHING) == expected | {("drawbridge:owner",)}


def reachable(template: Template = HUB) -> dict[str, set[str]]:
    """The Regions in which the role may do what has no Region of its own."""
    statements = permissions(Rendering(template, EVERYTHING), "TagsRole")
    found = {item["Sid"]: item.get("Condition", {}).get("StringEquals", {}) for item in statements}
    return {sid: set(found[sid]["aws:RequestedRegion"]) for sid in ("ReadTagsAndRecords", "TagByTaggingApi")}


def test_the_role_reaches_the_regions_in_which_the_code_tags_hosted_zones():
    source = (MODEL / "resource.rs").read_text(encoding="utf-8").partition("fn home_of_global_resources")[2]
    homes = set(re.findall(r'=> "([a-z0-9-]+)"', source.partition("\n}\n")[0]))
    assert len(homes) == 3
    assert all(homes | {REGION} == regions for regions in reachable().values())
    nowhere = altered(HUB, f"{ROLE.format('TagsRole')}/2/Condition/StringEquals/aws:RequestedRegion", [REGION])
    assert reachable(nowhere)["ReadTagsAndRecords"] == {REGION}


NAMES = REPOSITORY / "shared" / "src" / "policy" / "mode.rs"


@pytest.mark.parametrize("function", ROLES)
def test_the_session_in_another_account_has_the_name_of_the_function(function):
    """The member role knows the functions by it."""
    variant = "".join(part.capitalize() for part in function.split("-"))
    assert f'Self::{variant} => "{function}",' in NAMES.read_text(encoding="utf-8")
    main = (REPOSITORY / "functions" / function / "src" / "main.rs").read_text(encoding="utf-8")
    assert set(re.findall(r"FunctionName::(\w+)", main)) == {variant}
    sessions = re.findall(r"\.(?:private_link|hosted_zones|endpoints|tagging)\(\s*([\w:]+)", main)
    assert sessions and set(sessions) <= {"function", f"FunctionName::{variant}"}
    adapters = "".join(text for path, text in SOURCES.items() if path.startswith(ADAPTERS))
    assert ".session_name(self.session)" in adapters
