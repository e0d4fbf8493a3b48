"""Sends, with boto3, a value just inside and one just outside each bound that botocore's model sets to the members of a request.

bounds_checks.py ENDPOINT < {service: {"operations": [name, ...], "table": [line, ...]}}   prints {service: {"inside": n, "outside": n, "wrong": [text, ...]}}
"""

import contextlib
import io
import json
import sys
import warnings

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

import service_model

_ERRORS = {"iot": "InvalidRequestException", "acm-pca": "ValidationException", "ssm": "ValidationException"}
_PHRASE = "failed to satisfy constraint: M"


def _method(client, operation):
    return next(getattr(client, name) for name, api in client.meta.method_to_api_mapping.items() if api == operation)


def _send(client, case):
    """The error's code and message; None if the request cannot be sent at all."""
    try:
        _method(client, case["operation"])(**case["parameters"])
        return "", ""
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    except (BotoCoreError, KeyError, ValueError, TypeError, AttributeError):
        return None


def _is_sendable(client, case):
    """What is in the path has to be there and not empty: else another operation is meant."""
    path = client.meta.service_model.operation_model(case["operation"]).http["requestUri"]
    members = client.meta.service_model.operation_model(case["operation"]).input_shape.members
    return all(
        case["parameters"].get(name) for name, member in members.items()
        if member.serialization.get("location") == "uri" and "{" + member.serialization.get("name", name) in path)


def _check(endpoint, service, operations, table):
    client = boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}, parameter_validation=False))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        service_model.cases(service, operations, table)
    result = {"inside": 0, "outside": 0, "wrong": []}
    for case in map(json.loads, printed.getvalue().splitlines()):
        answer = _send(client, case) if _is_sendable(client, case) else None
        if answer is None:
            continue
        code, message = answer
        result["inside" if case["inside"] else "outside"] += 1
        refused = code == _ERRORS[service] and _PHRASE in message and "validation error" in message
        if refused == case["inside"]:
            result["wrong"].append(f"{case['operation']}.{case['member']} {case['rule']} {'inside' if case['inside'] else 'outside'}: {code} {message[:200]} <- {json.dumps(case['parameters'])[:300]}")
    return result


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({service: _check(sys.argv[1], service, **asked) for service, asked in json.load(sys.stdin).items()}))
