"""Drawbridge deployed onto the local AWS as infra/README.md says: what the demo and the end-to-end tests share.

`local_aws` starts the emulator, `stacks` deploys the real templates by the aws CLI, `drawbridge` puts both together with
the sample Organization and offers what one wants to see of the result; `function` and `configuration` are parts of it.
`command` asks the operator's command, `domains` Route 53, `alarms` CloudWatch, `cloud_map` Cloud Map, `targets` target groups;
`topics` hear what alarms tell, `tasks` has ECS tell of its tasks.
"""
