"""The release binary against a plain boto3 handler, doing the same job on the same local AWS in the same run.

`runtime_api` hands invocations to a handler, `handler` starts and watches its process, `world` makes connection requests and
looks whether they were answered, `turn` plays all cases once with one handler, `comparison` sets the turns of both beside
each other, `tables` and `document` write the result down. `baseline/` is the boto3 handler.
"""
