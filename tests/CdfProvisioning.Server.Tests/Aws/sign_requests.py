"""Signs requests with botocore and prints them as JSON, by name: what is sent then is up to who reads them."""

import json
import sys

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_ENDPOINT, _ACCESS, _SECRET = sys.argv[1:4]
_GOOD = Credentials(_ACCESS, _SECRET)


def _sign(signer, method, path, body=None, headers=None):
    request = AWSRequest(method, _ENDPOINT.rstrip("/") + path, headers=headers or {}, data=body)
    signer.add_auth(request)
    prepared = request.prepare()
    return {"method": method, "url": prepared.url, "body": body, "headers": {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}}


print(json.dumps({
    "list": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "GET", "/things?maxResults=5"),
    "create": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "POST", "/things/a%3Ab", '{"attributePayload":{"attributes":{"a":"1"}}}', {"Content-Type": "application/json"}),
    "arn": _sign(SigV4Auth(_GOOD, "execute-api", "us-east-1"), "POST", "/attached-policies/arn%3Aaws%3Aiot%3Aus-east-1%3A123456789012%3Athinggroup%2Fg?recursive=true"),
    "spaces": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "GET", "/things?attributeName=a&attributeValue=x%20y~%2B", headers={"X-Amz-Meta": "  two   words "}),
    "wrong secret": _sign(SigV4Auth(Credentials(_ACCESS, "wrong"), "iot", "us-east-1"), "GET", "/things"),
    "unknown key": _sign(SigV4Auth(Credentials("AKIDUNKNOWN", _SECRET), "iot", "us-east-1"), "GET", "/things"),
    "wrong token": _sign(SigV4Auth(Credentials("ASIAUNKNOWN", _SECRET, "token"), "iot", "us-east-1"), "GET", "/things"),
    "other service": _sign(SigV4Auth(_GOOD, "dynamodb", "us-east-1"), "GET", "/things"),
    "ssm wrong secret": _sign(SigV4Auth(Credentials(_ACCESS, "wrong"), "ssm", "us-east-1"), "POST", "/", "{}", {"X-Amz-Target": "AmazonSSM.GetParameter"}),
    "sts wrong secret": _sign(SigV4Auth(Credentials(_ACCESS, "wrong"), "sts", "us-east-1"), "POST", "/", "Action=GetCallerIdentity&Version=2011-06-15"),
    "s3 list": _sign(S3SigV4Auth(_GOOD, "s3", "us-east-1"), "GET", "/templates?list-type=2&prefix=a%20b"),
    "s3 key": _sign(S3SigV4Auth(_GOOD, "s3", "us-east-1"), "PUT", "/templates/a%20b/c%3D.json", "{}"),
    "s3 wrong secret": _sign(S3SigV4Auth(Credentials(_ACCESS, "wrong"), "s3", "us-east-1"), "GET", "/templates"),
    "s3 link": _sign(S3SigV4QueryAuth(_GOOD, "s3", "us-east-1", expires=600), "GET", "/templates/a%20b/c%3D.json"),
}))
