"""Actions of roles that no end-to-end test can have done, and why. What is done all the same is told at the end of the tests.

An action that nothing needs doesn't stand here: it is taken from the policy.
"""

from infra.recorded_calls import FUNCTION_ROLES, Role

FROM_FORTY_ACCOUNTS = "asked from 40 accounts on, in one run; accept-connections does it in test_load by the same code"

UNREACHED: dict[Role, dict[str, str]] = {
    ("hub.yaml", "SweepRole"): {
        "sqs:SendMessage": "the schedule's bus would have to be gone; infra/delivery.py asks the policies",
    },
    FUNCTION_ROLES["sync-dns"]: {"organizations:ListAccounts": FROM_FORTY_ACCOUNTS},
    FUNCTION_ROLES["tag-resources"]: {"organizations:ListAccounts": FROM_FORTY_ACCOUNTS},
    FUNCTION_ROLES["publish-alarms"]: {"organizations:ListAccounts": FROM_FORTY_ACCOUNTS},
}
