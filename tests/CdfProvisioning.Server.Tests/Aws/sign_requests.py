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



class _WithoutHost(SigV4Auth):
    """Signs everything but the host."""

    def headers_to_sign(self, request):
        headers = super().headers_to_sign(request)
        del headers["host"]
        return headers


class _OfAnotherDay(SigV4Auth):
    """Signs rightly, but with the key of another day."""

    def add_auth(self, request):
        self._day = None
        super().add_auth(request)

    def scope(self, request):
        return f"{self.credentials.access_key}/20200101/{self._region_name}/{self._service_name}/aws4_request"

    def credential_scope(self, request):
        return f"20200101/{self._region_name}/{self._service_name}/aws4_request"

    def signature(self, string_to_sign, request):
        key = self._sign(("AWS4" + self.credentials.secret_key).encode(), "20200101")
        for part in (self._region_name, self._service_name, "aws4_request"):
            key = self._sign(key, part)
        return self._sign(key, string_to_sign, hex=True)


print(json.dumps({
    "list": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "GET", "/things?maxResults=5"),
    "create": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "POST", "/things/a%3Ab", '{"attributePayload":{"attributes":{"a":"1"}}}', {"Content-Type": "application/json"}),
    "without host": _sign(_WithoutHost(_GOOD, "iot", "us-east-1"), "GET", "/things"),
    "of another day": _sign(_OfAnotherDay(_GOOD, "iot", "us-east-1"), "GET", "/things"),
    "ssm": _sign(SigV4Auth(_GOOD, "ssm", "us-east-1"), "POST", "/", '{"Name":"a"}'),
    "arn": _sign(SigV4Auth(_GOOD, "execute-api", "us-east-1"), "POST", "/attached-policies/arn%3Aaws%3Aiot%3Aus-east-1%3A123456789012%3Athinggroup%2Fg?recursive=true"),
    "spaces": _sign(SigV4Auth(_GOOD, "iot", "us-east-1"), "GET", "/things?unknown=x%20y~%2B", headers={"X-Amz-Meta": "  two   words "}),
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
