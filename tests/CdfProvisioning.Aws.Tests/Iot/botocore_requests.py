"""Compares requests with those that botocore makes of the same parameters, and recomputes their signatures.

samples: prints parameters for the operations named on stdin, every member filled.
compare: reads what was sent from stdin and prints what botocore would have done differently, a line each.
"""
import datetime
import json
import sys
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session

ENDPOINT, REGION = "http://127.0.0.1:1/", "eu-west-1"


def client():
    session = botocore.session.get_session()
    return session.create_client(
        "iot", region_name=REGION, endpoint_url=ENDPOINT, aws_access_key_id="x", aws_secret_access_key="y")


def sample(shape, depth=0):
    kind = shape.type_name
    if kind == "structure":
        return {name: sample(member, depth + 1) for name, member in shape.members.items()} if depth < 5 else {}
    if kind == "list":
        return [sample(shape.member, depth + 1)]
    if kind == "map":
        return {"key/1": sample(shape.value, depth + 1)}
    if kind in ("integer", "long"):
        return 25
    if kind == "boolean":
        return True
    if shape.serialization.get("location") == "header":
        return "arn:aws:iot:eu-west-1:123456789012:cert/0a1b"
    if shape.enum:
        return shape.enum[0]
    return "a:b/c d+e~f=%é&_.-" + "x" * max(0, shape.metadata.get("min", 0) - 18)


def prepared(iot, operation, parameters):
    """What botocore would send."""
    model = iot.meta.service_model.operation_model(operation)
    return iot._convert_to_request_dict(parameters, model, ENDPOINT, context={})


def query(target):
    return sorted(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query, keep_blank_values=True))


def signature(sent, credentials, service):
    names = sent["headers"]["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    lower = {name.lower(): value for name, value in sent["headers"].items()}
    request = botocore.awsrequest.AWSRequest(
        method=sent["method"], url="http://" + lower["host"] + sent["target"], data=sent["body"].encode())
    for name in names:
        request.headers[name] = lower[name]
    auth = botocore.auth.SigV4Auth(credentials, service, REGION)
    request.context["timestamp"] = lower["x-amz-date"]
    auth.headers_to_sign = lambda r: botocore.auth.HTTPHeaders.from_dict({name: lower[name] for name in names})
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


def differences(iot, call, credentials):
    sent = call["sent"]
    theirs = prepared(iot, call["operation"], call["parameters"])
    path = urllib.parse.urlsplit(theirs["url"]).path
    ours = {
        "method": sent["method"],
        "path": sent["target"].split("?")[0],
        "query": query(sent["target"]),
        "body": json.loads(sent["body"]) if sent["body"] else None,
        "principal": sent["headers"].get("x-amzn-principal"),
    }
    expected = {
        "method": theirs["method"],
        "path": path,
        "query": query(theirs["url"]),
        "body": json.loads(theirs["body"]) if theirs["body"] else None,
        "principal": theirs["headers"].get("x-amzn-principal"),
    }
    for part, value in expected.items():
        if ours[part] != value:
            yield f"{call['operation']}: {part} is {ours[part]!r}, botocore's is {value!r}"
    if signature(sent, credentials, "iot") != sent["headers"]["Authorization"].split("Signature=")[1]:
        yield f"{call['operation']}: the signature is another than botocore's"


if __name__ == "__main__":
    iot = client()
    given = json.load(sys.stdin)
    if sys.argv[1] == "samples":
        names = [name for name in given if name in iot.meta.service_model.operation_names]
        inputs = {name: iot.meta.service_model.operation_model(name).input_shape for name in names}
        print(json.dumps({name: sample(shape) if shape else {} for name, shape in inputs.items()}))
    else:
        credentials = botocore.credentials.Credentials(given["accessKey"], given["secretKey"], given["token"])
        for call in given["calls"]:
            for difference in differences(iot, call, credentials):
                print(difference)
