"""What boto3 sees of the S3 service. checks.py comes before it, and runs it."""

import base64
import datetime
import hashlib
import io
import json
import os
import socket
import sys
import urllib.error
import urllib.request
import zlib

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import handlers
from botocore.client import Config
from botocore.exceptions import ClientError

_ENDPOINT, _FOLDER = sys.argv[1:3]
_PART = 5 * 1024 * 1024
# Since it has this, boto3 knows CRC-64 and checksums of whole objects that come in parts.
_KNOWS_CRC64 = hasattr(Config(), "request_checksum_calculation")


# Not every resolver knows that all names below localhost are this machine.
_resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *arguments, **named: _resolve("127.0.0.1" if host.endswith("localhost") else host, *arguments, **named)


def _client(region="us-east-1", **settings):
    return boto3.client("s3", endpoint_url=_ENDPOINT, region_name=region, config=Config(retries={"max_attempts": 0}, **settings))


_s3 = _client()


def _bucket(name, **objects):
    _s3.create_bucket(Bucket=name)
    for key, body in objects.items():
        _s3.put_object(Bucket=name, Key=key, Body=body)
    return name


def _put(bucket, *keys):
    for key in keys:
        _s3.put_object(Bucket=bucket, Key=key, Body=key.encode())


def _file(bucket, key):
    return os.path.join(_FOLDER, bucket, key)


def _fails(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        response = error.response
        _equal((code, status), (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]))
        return response["Error"].get("Message", "")
    raise AssertionError(f"{call} with {arguments} did not fail with {code}")


def _keys(page):
    return [item["Key"] for item in page.get("Contents", [])], [item["Prefix"] for item in page.get("CommonPrefixes", [])]


# Buckets


def buckets_are_created_listed_and_deleted():
    _bucket("list-a")
    _bucket("list-b")
    listed = _s3.list_buckets()
    names = [bucket["Name"] for bucket in listed["Buckets"]]
    assert names == sorted(names) and {"list-a", "list-b"} <= set(names), names
    _equal("123456789012", listed["Owner"]["ID"])
    assert abs((datetime.datetime.now(datetime.timezone.utc) - listed["Buckets"][0]["CreationDate"]).total_seconds()) < 300
    _s3.head_bucket(Bucket="list-a")
    _s3.delete_bucket(Bucket="list-a")
    _fails("404", 404, _s3.head_bucket, Bucket="list-a")
    _fails("NoSuchBucket", 404, _s3.delete_bucket, Bucket="list-a")
    _fails("NoSuchBucket", 404, _s3.list_objects_v2, Bucket="list-a")
    _fails("NoSuchBucket", 404, _s3.put_object, Bucket="list-a", Key="x", Body=b"x")


def a_bucket_with_objects_is_not_deleted():
    _bucket("not-empty", **{"a": b"1"})
    _fails("BucketNotEmpty", 409, _s3.delete_bucket, Bucket="not-empty")
    _s3.delete_object(Bucket="not-empty", Key="a")
    _s3.delete_bucket(Bucket="not-empty")


def a_bucket_is_created_twice_only_in_the_first_region():
    _bucket("twice")
    _bucket("twice")
    europe = _client("eu-central-1")
    constraint = {"LocationConstraint": "eu-central-1"}
    _fails("BucketAlreadyOwnedByYou", 409, europe.create_bucket, Bucket="twice", CreateBucketConfiguration=constraint)
    _fails("IllegalLocationConstraintException", 400, europe.create_bucket, Bucket="other")
    europe.create_bucket(Bucket="in-europe", CreateBucketConfiguration=constraint)
    _client("eu-west-1").create_bucket(Bucket="in-ireland", CreateBucketConfiguration={"LocationConstraint": "EU"})
    _equal("eu-central-1", europe.get_bucket_location(Bucket="in-europe")["LocationConstraint"])
    _equal(None, _s3.get_bucket_location(Bucket="twice")["LocationConstraint"])


def a_bad_bucket_name_is_refused():
    raw = _client()
    raw.meta.events.unregister("before-parameter-build.s3", handlers.validate_bucket_name)
    for name in ["ab", "Upper", "with_underscore", "a..b", "-a-", "192.168.0.1", "xn--abc", "nul", "x" * 64]:
        _fails("InvalidBucketName", 400, raw.create_bucket, Bucket=name)


# Objects


def an_object_is_a_file():
    bucket = _bucket("files")
    body = b'{"Parameters": {}}'
    put = _s3.put_object(Bucket=bucket, Key="x/y z+\u00e4.json", Body=body, ContentType="application/json", Metadata={"Maker": "me"}, CacheControl="no-store")
    _equal('"' + hashlib.md5(body).hexdigest() + '"', put["ETag"])
    with open(_file(bucket, "x/y z+\u00e4.json"), "rb") as file:
        _equal(body, file.read())
    got = _s3.get_object(Bucket=bucket, Key="x/y z+\u00e4.json")
    _equal(
        (body, "application/json", {"maker": "me"}, "no-store", put["ETag"], len(body), "bytes"),
        (got["Body"].read(), got["ContentType"], got["Metadata"], got["CacheControl"], got["ETag"], got["ContentLength"], got["AcceptRanges"]),
    )
    head = _s3.head_object(Bucket=bucket, Key="x/y z+\u00e4.json")
    _equal((got["ETag"], got["LastModified"], got["Metadata"]), (head["ETag"], head["LastModified"], head["Metadata"]))


def a_file_is_an_object():
    bucket = _bucket("by-hand")
    os.makedirs(_file(bucket, "templates"))
    with open(_file(bucket, "templates/t1.json"), "w") as file:
        file.write("{}")
    got = _s3.get_object(Bucket=bucket, Key="templates/t1.json")
    _equal((b"{}", '"' + hashlib.md5(b"{}").hexdigest() + '"'), (got["Body"].read(), got["ETag"]))
    _equal((["templates/t1.json"], []), _keys(_s3.list_objects_v2(Bucket=bucket)))
    with open(_file(bucket, "templates/t1.json"), "w") as file:
        file.write("{ }")
    _equal('"' + hashlib.md5(b"{ }").hexdigest() + '"', _s3.head_object(Bucket=bucket, Key="templates/t1.json")["ETag"])
    _s3.delete_object(Bucket=bucket, Key="templates/t1.json")
    assert not os.path.exists(_file(bucket, "templates"))


def an_object_that_is_not_there_is_not_found():
    bucket = _bucket("missing", **{"a": b"1"})
    _fails("NoSuchKey", 404, _s3.get_object, Bucket=bucket, Key="b")
    _fails("404", 404, _s3.head_object, Bucket=bucket, Key="b")
    _fails("NoSuchKey", 404, _s3.get_object, Bucket=bucket, Key="a/b")
    _equal(204, _s3.delete_object(Bucket=bucket, Key="b")["ResponseMetadata"]["HTTPStatusCode"])


def a_key_that_is_no_path_below_the_bucket_is_refused():
    bucket = _bucket("bad-keys")
    for key in ["../escaped", "a/../../escaped", "..", ".", "a//b", "/absolute", "folder//", "a/./b", "aux", "x/com1.txt", "tab\there", "end.", "end "]:
        _fails("InvalidArgument", 400, _s3.put_object, Bucket=bucket, Key=key, Body=b"x")
        _fails("NoSuchKey", 404, _s3.get_object, Bucket=bucket, Key=key)
    _fails("KeyTooLongError", 400, _s3.put_object, Bucket=bucket, Key="a/" * 512 + "b", Body=b"x")
    _fails("KeyTooLongError", 400, _s3.put_object, Bucket=bucket, Key="a" * 256, Body=b"x")
    _equal(([], []), _keys(_s3.list_objects_v2(Bucket=bucket)))
    assert not os.path.exists(os.path.join(_FOLDER, "escaped"))


def a_key_that_ends_in_a_slash_is_an_object():
    bucket = _bucket("folder-keys")
    _s3.put_object(Bucket=bucket, Key="2026/")
    _put(bucket, "2026/list.json")
    _equal((["2026/", "2026/list.json"], []), _keys(_s3.list_objects_v2(Bucket=bucket)))
    _equal(0, _s3.head_object(Bucket=bucket, Key="2026/")["ContentLength"])


def a_key_that_would_be_a_file_and_a_folder_is_refused():
    bucket = _bucket("conflicts")
    _put(bucket, "a", "b/c")
    assert "'a' is an object" in _fails("InvalidBucketState", 409, _s3.put_object, Bucket=bucket, Key="a/b", Body=b"x")
    assert "below 'b/'" in _fails("InvalidBucketState", 409, _s3.put_object, Bucket=bucket, Key="b", Body=b"x")
    _s3.delete_object(Bucket=bucket, Key="b/c")
    _put(bucket, "b")


def a_range_of_an_object_is_read():
    bucket = _bucket("ranges", **{"a": b"0123456789", "empty": b""})
    for header, body, content_range in [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=-100", b"0123456789", "bytes 0-9/10"),
    ]:
        got = _s3.get_object(Bucket=bucket, Key="a", Range=header)
        _equal((206, body, content_range), (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read(), got["ContentRange"]))
    for header in ["bytes=1-2,4-5", "bytes=5-2", "lines=1-2", "nonsense"]:
        got = _s3.get_object(Bucket=bucket, Key="a", Range=header)
        _equal((200, b"0123456789"), (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()))
    for key, header in [("a", "bytes=10-"), ("a", "bytes=-0"), ("empty", "bytes=0-")]:
        _fails("InvalidRange", 416, _s3.get_object, Bucket=bucket, Key=key, Range=header)


def an_object_is_read_on_conditions():
    bucket = _bucket("read-conditions", **{"a": b"1"})
    head = _s3.head_object(Bucket=bucket, Key="a")
    tag, then = head["ETag"], head["LastModified"]
    before, after = then - datetime.timedelta(hours=1), then + datetime.timedelta(seconds=1)
    for conditions in [
        {"IfMatch": tag}, {"IfMatch": tag.strip('"')}, {"IfMatch": f'"other", {tag}'}, {"IfMatch": "*"}, {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": before}, {"IfUnmodifiedSince": then}, {"IfMatch": tag, "IfUnmodifiedSince": before}, {"IfNoneMatch": '"other"', "IfModifiedSince": then},
        {"IfModifiedSince": after + datetime.timedelta(days=1)},
    ]:
        _equal(b"1", _s3.get_object(Bucket=bucket, Key="a", **conditions)["Body"].read())
    for conditions in [{"IfNoneMatch": tag}, {"IfModifiedSince": then}, {"IfNoneMatch": tag, "IfModifiedSince": before}, {"IfNoneMatch": "*"}]:
        _fails("304", 304, _s3.get_object, Bucket=bucket, Key="a", **conditions)
        _fails("304", 304, _s3.head_object, Bucket=bucket, Key="a", **conditions)
    for conditions in [{"IfMatch": '"other"'}, {"IfUnmodifiedSince": before}, {"IfMatch": '"other"', "IfNoneMatch": tag}]:
        _fails("PreconditionFailed", 412, _s3.get_object, Bucket=bucket, Key="a", **conditions)


def an_object_is_written_on_conditions():
    bucket = _bucket("write-conditions")

    def put(body, **headers):
        client = _client()
        client.meta.events.register("before-sign.s3.PutObject", lambda request, **_: [request.headers.add_header(name, value) for name, value in headers.items()])
        return client.put_object(Bucket=bucket, Key="a", Body=body)["ETag"]

    _fails("NoSuchKey", 404, lambda: put(b"0", **{"If-Match": '"x"'}))
    first = put(b"1", **{"If-None-Match": "*"})
    _fails("PreconditionFailed", 412, lambda: put(b"2", **{"If-None-Match": "*"}))
    _fails("PreconditionFailed", 412, lambda: put(b"2", **{"If-Match": '"x"'}))
    _fails("NotImplemented", 501, lambda: put(b"2", **{"If-None-Match": '"x"'}))
    _fails("NotImplemented", 501, lambda: put(b"2", **{"If-Match": '"x"', "If-None-Match": "*"}))
    put(b"3", **{"If-Match": first})
    _equal(b"3", _s3.get_object(Bucket=bucket, Key="a")["Body"].read())


def an_object_is_copied():
    bucket = _bucket("copies")
    target = _bucket("copy-target")
    _s3.put_object(Bucket=bucket, Key="a b+c", Body=b"1", ContentType="text/plain", Metadata={"m": "1"})
    source = {"Bucket": bucket, "Key": "a b+c"}
    copied = _s3.copy_object(Bucket=target, Key="x/kept", CopySource=source)["CopyObjectResult"]
    _equal(_s3.head_object(Bucket=bucket, Key="a b+c")["ETag"], copied["ETag"])
    got = _s3.get_object(Bucket=target, Key="x/kept")
    _equal((b"1", "text/plain", {"m": "1"}), (got["Body"].read(), got["ContentType"], got["Metadata"]))
    _s3.copy_object(Bucket=target, Key="replaced", CopySource=source, MetadataDirective="REPLACE", Metadata={"m": "2"}, ContentType="text/csv")
    got = _s3.head_object(Bucket=target, Key="replaced")
    _equal(("text/csv", {"m": "2"}), (got["ContentType"], got["Metadata"]))
    _fails("InvalidRequest", 400, _s3.copy_object, Bucket=bucket, Key="a b+c", CopySource=source)
    _s3.copy_object(Bucket=bucket, Key="a b+c", CopySource=source, MetadataDirective="REPLACE", Metadata={"m": "3"})
    got = _s3.get_object(Bucket=bucket, Key="a b+c")
    _equal((b"1", {"m": "3"}), (got["Body"].read(), got["Metadata"]))
    _fails("NoSuchKey", 404, _s3.copy_object, Bucket=target, Key="y", CopySource=f"{bucket}/none")
    _fails("NoSuchBucket", 404, _s3.copy_object, Bucket=target, Key="y", CopySource="no-bucket/none")
    _fails("PreconditionFailed", 412, _s3.copy_object, Bucket=target, Key="y", CopySource=source, CopySourceIfMatch='"x"')
    _fails("PreconditionFailed", 412, _s3.copy_object, Bucket=target, Key="y", CopySource=source, CopySourceIfNoneMatch=copied["ETag"])


def many_objects_are_deleted_at_once():
    bucket = _bucket("delete-many")
    _put(bucket, *[f"k/{n}" for n in range(20)], "kept")
    gone = [{"Key": f"k/{n}"} for n in range(10)] + [{"Key": "never"}, {"Key": "<&>"}, {"Key": "a/../kept"}]
    _equal(gone, _s3.delete_objects(Bucket=bucket, Delete={"Objects": gone})["Deleted"])
    answer = _s3.delete_objects(Bucket=bucket, Delete={"Quiet": True, "Objects": [{"Key": f"k/{n}"} for n in range(10, 20)] + [{"Key": "kept", "VersionId": "x1"}]})
    assert "Deleted" not in answer
    _equal([("kept", "NoSuchVersion")], [(error["Key"], error["Code"]) for error in answer["Errors"]])
    _equal((["kept"], []), _keys(_s3.list_objects_v2(Bucket=bucket)))
    _fails("MalformedXML", 400, _s3.delete_objects, Bucket=bucket, Delete={"Objects": []})
    _fails("MalformedXML", 400, _s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": f"{n}"} for n in range(1001)]})


def what_is_not_served_says_so():
    bucket = _bucket("not-served", **{"a": b"1"})
    _fails("NotImplemented", 501, _s3.get_bucket_acl, Bucket=bucket)
    _fails("NotImplemented", 501, _s3.get_bucket_policy, Bucket=bucket)
    _fails("NotImplemented", 501, _s3.list_object_versions, Bucket=bucket)
    _fails("NotImplemented", 501, _s3.put_object_tagging, Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    _fails("NotImplemented", 501, _s3.put_object, Bucket=bucket, Key="b", Body=b"", Tagging="k=v")
    _fails("NotImplemented", 501, _s3.put_object, Bucket=bucket, Key="b", Body=b"", ServerSideEncryption="aws:kms")
    _fails("InvalidStorageClass", 400, _s3.put_object, Bucket=bucket, Key="b", Body=b"", StorageClass="GLACIER")
    _fails("AccessControlListNotSupported", 400, _s3.put_object, Bucket=bucket, Key="b", Body=b"", ACL="public-read")
    _fails("InvalidArgument", 400, _s3.get_object, Bucket=bucket, Key="a", VersionId="x1")
    _fails("AccessDenied", 403, _s3.get_object, Bucket=bucket, Key="a", ExpectedBucketOwner="999999999999")
    _equal([], _s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"])
    assert "Status" not in _s3.get_bucket_versioning(Bucket=bucket)
    _s3.put_object(Bucket=bucket, Key="b", Body=b"", ACL="private", ServerSideEncryption="AES256", StorageClass="STANDARD", ExpectedBucketOwner="123456789012")


def metadata_has_a_limit():
    bucket = _bucket("metadata-limit")
    _s3.put_object(Bucket=bucket, Key="a", Body=b"", Metadata={"m": "x" * 2047})
    _fails("MetadataTooLarge", 400, _s3.put_object, Bucket=bucket, Key="a", Body=b"", Metadata={"m": "x" * 2048})


def a_bucket_is_named_by_the_host():
    client = boto3.client("s3", endpoint_url=_ENDPOINT.replace("127.0.0.1", "localhost"), region_name="us-east-1", config=Config(s3={"addressing_style": "virtual"}))
    hosts = []
    client.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url))
    client.create_bucket(Bucket="by-host")
    client.put_object(Bucket="by-host", Key="x/y", Body=b"1")
    _equal(b"1", client.get_object(Bucket="by-host", Key="x/y")["Body"].read())
    _equal((["x/y"], []), _keys(client.list_objects_v2(Bucket="by-host")))
    assert all("//by-host.localhost:" in host for host in hosts), hosts
    assert os.path.exists(_file("by-host", "x/y"))


# Listings


def objects_are_listed_in_pages():
    bucket = _bucket("pages")
    keys = [f"{n:02}" for n in range(25)]
    _put(bucket, *keys)
    pages = list(_s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 10}))
    _equal(([10, 10, 5], keys), ([page["KeyCount"] for page in pages], [key for page in pages for key in _keys(page)[0]]))
    first = list(_s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": 10}))
    _equal(keys, [key for page in first for key in _keys(page)[0]])
    exact = _s3.list_objects_v2(Bucket=bucket, MaxKeys=25)
    _equal((False, None), (exact["IsTruncated"], exact.get("NextContinuationToken")))
    _equal((keys[20:22], []), _keys(_s3.list_objects_v2(Bucket=bucket, StartAfter="19", MaxKeys=2)))
    none = _s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    _equal((0, False), (none["KeyCount"], none["IsTruncated"]))
    _fails("InvalidArgument", 400, _s3.list_objects_v2, Bucket=bucket, ContinuationToken="?")
    item = exact["Contents"][0]
    _equal((2, '"' + hashlib.md5(b"00").hexdigest() + '"', "STANDARD", None), (item["Size"], item["ETag"], item["StorageClass"], item.get("Owner")))
    _equal("123456789012", _s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]["Owner"]["ID"])


def keys_are_rolled_up_to_common_prefixes():
    bucket = _bucket("prefixes")
    _put(bucket, "a/1", "a/2", "a-b", "a.c", "b/c/1", "b/d", "c")
    _equal((["a-b", "a.c", "c"], ["a/", "b/"]), _keys(_s3.list_objects_v2(Bucket=bucket, Delimiter="/")))
    _equal((["b/d"], ["b/c/"]), _keys(_s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")))
    _equal((["a.c", "a/1", "a/2", "b/c/1", "b/d", "c"], ["a-"]), _keys(_s3.list_objects_v2(Bucket=bucket, Delimiter="-")))
    _equal((["a/1", "a/2"], []), _keys(_s3.list_objects_v2(Bucket=bucket, Prefix="a/")))
    pages = list(_s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}))
    _equal([(["a-b"], []), (["a.c"], []), ([], ["a/"]), ([], ["b/"]), (["c"], [])], [_keys(page) for page in pages])


def a_marker_within_a_common_prefix_skips_it():
    # As AWS does.
    bucket = _bucket("markers")
    _put(bucket, "folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2")
    for marker in ["folder/aSubfolder/", "folder/aSubfolder/subFile1"]:
        page = _s3.list_objects(Bucket=bucket, Prefix="folder/", Delimiter="/", MaxKeys=1, Marker=marker)
        _equal(((["folder/file1"], []), True, "folder/file1"), (_keys(page), page["IsTruncated"], page["NextMarker"]))
    first = _s3.list_objects(Bucket=bucket, Prefix="folder/", Delimiter="/", MaxKeys=1)
    _equal("folder/aSubfolder/", first["NextMarker"])
    assert "NextMarker" not in _s3.list_objects(Bucket=bucket, MaxKeys=1)


def odd_keys_come_through_listings():
    bucket = _bucket("odd")
    keys = sorted(["a b", "a+b", "a%b", "a&b<c>", "\u00e4/\u6f22", "emoji\U0001f600", "z\ufb01", "'quotes'\""], key=lambda key: key.encode())
    _put(bucket, *keys)
    _equal(keys, _keys(_s3.list_objects_v2(Bucket=bucket))[0])
    _equal(keys, _keys(_s3.list_objects(Bucket=bucket))[0])
    raw = _client()
    raw.meta.events.unregister("before-parameter-build.s3.ListObjectsV2", handlers.set_list_objects_encoding_type_url)
    _equal(keys, _keys(raw.list_objects_v2(Bucket=bucket))[0])


# Uploads in parts


def an_object_comes_in_parts():
    bucket = _bucket("parts")
    upload = _s3.create_multipart_upload(Bucket=bucket, Key="x/big", ContentType="text/plain", Metadata={"m": "1"})
    _equal((bucket, "x/big"), (upload["Bucket"], upload["Key"]))
    target = {"Bucket": bucket, "Key": "x/big", "UploadId": upload["UploadId"]}
    bodies = {1: b"a" * _PART, 5: b"b" * _PART, 7: b"c"}
    parts = []
    for number, body in bodies.items():
        _s3.upload_part(**target, PartNumber=number, Body=b"replaced")
        part = _s3.upload_part(**target, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"], **{name: value for name, value in part.items() if name.startswith("Checksum") and name != "ChecksumType"}})
    _equal([(n, len(b)) for n, b in bodies.items()], [(part["PartNumber"], part["Size"]) for part in _s3.list_parts(**target)["Parts"]])
    page = _s3.list_parts(**target, MaxParts=1, PartNumberMarker=1)
    _equal(([5], True, 5), ([part["PartNumber"] for part in page["Parts"]], page["IsTruncated"], page["NextPartNumberMarker"]))
    _equal(([], []), _keys(_s3.list_objects_v2(Bucket=bucket)))
    _fails("NoSuchKey", 404, _s3.get_object, Bucket=bucket, Key="x/big")

    def complete(parts, **arguments):
        return _s3.complete_multipart_upload(**target, MultipartUpload={"Parts": parts}, **arguments)

    _fails("InvalidPartOrder", 400, complete, parts=parts[::-1])
    _fails("InvalidPart", 400, complete, parts=[*parts[:2], {**parts[2], "ETag": '"wrong"'}])
    _fails("InvalidPart", 400, complete, parts=[parts[0], {**parts[1], "PartNumber": 2}])
    _fails("EntityTooSmall", 400, complete, parts=[parts[0], parts[2], {**parts[2], "PartNumber": 8, "ETag": _s3.upload_part(**target, PartNumber=8, Body=b"c")["ETag"]}])
    done = complete(parts)
    tag = hashlib.md5(b"".join(hashlib.md5(body).digest() for body in bodies.values())).hexdigest()
    _equal(f'"{tag}-3"', done["ETag"])
    got = _s3.get_object(Bucket=bucket, Key="x/big")
    _equal((b"".join(bodies.values()), "text/plain", {"m": "1"}, done["ETag"]), (got["Body"].read(), got["ContentType"], got["Metadata"], got["ETag"]))
    second = _s3.get_object(Bucket=bucket, Key="x/big", PartNumber=2)
    _equal((3, bodies[5]), (second["PartsCount"], second["Body"].read()))
    _fails("InvalidPartNumber", 416, _s3.get_object, Bucket=bucket, Key="x/big", PartNumber=4)
    _fails("NoSuchUpload", 404, complete, parts=parts)


def an_upload_is_listed_until_it_is_aborted():
    bucket = _bucket("aborted")
    ids = [(key, _s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in ["a", "a", "b/c", "b/d"]]
    _equal(ids, [(upload["Key"], upload["UploadId"]) for upload in _s3.list_multipart_uploads(Bucket=bucket)["Uploads"]])
    pages = list(_s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1}))
    _equal(ids, [(upload["Key"], upload["UploadId"]) for page in pages for upload in page["Uploads"]])
    rolled = _s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    _equal((2, [{"Prefix": "b/"}]), (len(rolled["Uploads"]), rolled["CommonPrefixes"]))
    for key, upload in ids:
        _s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"1")
        _fails("NoSuchUpload", 404, _s3.list_parts, Bucket=bucket, Key=key + "x", UploadId=upload)
        _s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        _fails("NoSuchUpload", 404, _s3.upload_part, Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"1")
    assert "Uploads" not in _s3.list_multipart_uploads(Bucket=bucket)
    _fails("NoSuchUpload", 404, _s3.abort_multipart_upload, Bucket=bucket, Key="a", UploadId="../../x")
    _fails("InvalidArgument", 400, _s3.upload_part, Bucket=bucket, Key="a", UploadId=_s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"], PartNumber=10001, Body=b"1")
    _s3.delete_bucket(Bucket=bucket)


def a_part_is_copied():
    bucket = _bucket("copied-parts", **{"source": b"0123456789"})
    target = {"Bucket": bucket, "Key": "copy", "UploadId": _s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]}
    source = {"Bucket": bucket, "Key": "source"}
    part = _s3.upload_part_copy(**target, PartNumber=1, CopySource=source, CopySourceRange="bytes=2-5")["CopyPartResult"]
    _equal('"' + hashlib.md5(b"2345").hexdigest() + '"', part["ETag"])
    _fails("InvalidRequest", 400, _s3.upload_part_copy, **target, PartNumber=1, CopySource=source, CopySourceRange="bytes=2-10")
    _fails("InvalidArgument", 400, _s3.upload_part_copy, **target, PartNumber=1, CopySource=source, CopySourceRange="bytes=2-")
    checksums = {name: value for name, value in part.items() if name.startswith("Checksum") and name != "ChecksumType"}
    _s3.complete_multipart_upload(**target, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], **checksums}]})
    _equal(b"2345", _s3.get_object(Bucket=bucket, Key="copy")["Body"].read())


def files_go_up_and_down_in_parts():
    bucket = _bucket("transfers")
    content = os.urandom(3 * _PART + 7)
    config = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART)
    _s3.upload_fileobj(io.BytesIO(content), bucket, "big", Config=config)
    assert _s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-4"')
    _s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copy", Config=config)
    target = io.BytesIO()
    _s3.download_fileobj(bucket, "copy", target, Config=config)
    assert target.getvalue() == content


# Checksums and signatures


def a_checksum_that_does_not_match_is_refused():
    bucket = _bucket("checksums")
    digest = lambda value: base64.b64encode(value).decode()
    right = {
        "ChecksumCRC32": digest(zlib.crc32(b"123456789").to_bytes(4, "big")),
        "ChecksumCRC32C": digest(0xE3069283.to_bytes(4, "big")),
        "ChecksumSHA1": digest(hashlib.sha1(b"123456789").digest()),
        "ChecksumSHA256": digest(hashlib.sha256(b"123456789").digest()),
        **({"ChecksumCRC64NVME": digest(0xAE8B14860A799888.to_bytes(8, "big"))} if _KNOWS_CRC64 else {}),
    }
    for name, value in right.items():
        put = _s3.put_object(Bucket=bucket, Key=name, Body=b"123456789", **{name: value})
        _equal(value, put[name])
        _equal(value, _s3.head_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")[name])
        _equal(b"123456789", _s3.get_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")["Body"].read())
        _fails("BadDigest", 400, _s3.put_object, Bucket=bucket, Key="bad", Body=b"123456780", **{name: value})
        _fails("InvalidRequest", 400, _s3.put_object, Bucket=bucket, Key="bad", Body=b"123456789", **{name: "AAA="})
    assert not any(name.startswith("Checksum") for name in _s3.head_object(Bucket=bucket, Key="ChecksumSHA1"))
    md5 = digest(hashlib.md5(b"1").digest())
    _s3.put_object(Bucket=bucket, Key="good", Body=b"1", ContentMD5=md5)
    _fails("BadDigest", 400, _s3.put_object, Bucket=bucket, Key="bad", Body=b"2", ContentMD5=md5)
    _fails("InvalidDigest", 400, _s3.put_object, Bucket=bucket, Key="bad", Body=b"2", ContentMD5="nonsense")
    _fails("404", 404, _s3.head_object, Bucket=bucket, Key="bad")


def a_checksum_of_parts_is_composed_or_of_the_whole():
    bucket = _bucket("part-checksums")
    bodies = [b"a" * _PART, b"b"]
    value = lambda body: base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    composite = base64.b64encode(zlib.crc32(b"".join(zlib.crc32(body).to_bytes(4, "big") for body in bodies)).to_bytes(4, "big")).decode() + "-2"
    types = [(None, composite)] + ([("FULL_OBJECT", value(b"".join(bodies)))] if _KNOWS_CRC64 else [])
    for kind, expected in types:
        arguments = {"ChecksumType": kind} if kind else {}
        target = {"Bucket": bucket, "Key": "a", "UploadId": _s3.create_multipart_upload(Bucket=bucket, Key="a", ChecksumAlgorithm="CRC32", **arguments)["UploadId"]}
        parts = []
        for number, body in enumerate(bodies, 1):
            _fails("InvalidRequest", 400, _s3.upload_part, **target, PartNumber=number, Body=body, ChecksumSHA1=base64.b64encode(hashlib.sha1(body).digest()).decode())
            part = _s3.upload_part(**target, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
            _equal(value(body), part["ChecksumCRC32"])
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]})
        _fails("InvalidPart", 400, _s3.complete_multipart_upload, **target, MultipartUpload={"Parts": [{**parts[0], "ChecksumCRC32": value(b"x")}, parts[1]]})
        if kind is None:
            _fails("InvalidRequest", 400, _s3.complete_multipart_upload, **target, MultipartUpload={"Parts": [{k: v for k, v in part.items() if k != "ChecksumCRC32"} for part in parts]})
        else:
            _fails("BadDigest", 400, _s3.complete_multipart_upload, **target, MultipartUpload={"Parts": parts}, ChecksumCRC32=value(b"x"), ChecksumType=kind)
            _fails("InvalidRequest", 400, _s3.complete_multipart_upload, **target, MultipartUpload={"Parts": parts}, MpuObjectSize=1)
        done = _s3.complete_multipart_upload(**target, MultipartUpload={"Parts": parts})
        _equal(expected, done["ChecksumCRC32"])
        head = _s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
        _equal((expected, kind or "COMPOSITE"), (head["ChecksumCRC32"], head.get("ChecksumType", kind or "COMPOSITE")))


def a_link_downloads():
    bucket = _bucket("links", **{"report.json": b"{}"})
    for version in ["s3v4", "s3"]:
        for style in ["path", "virtual"]:
            endpoint = _ENDPOINT if style == "path" else _ENDPOINT.replace("127.0.0.1", "localhost")
            client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=Config(signature_version=version, s3={"addressing_style": style}))
            arguments = {"Bucket": bucket, "Key": "report.json", "ResponseContentType": "application/x-report", "ResponseContentDisposition": 'attachment; filename="r.json"'}
            with urllib.request.urlopen(client.generate_presigned_url("get_object", Params=arguments)) as answer:
                _equal((b"{}", "application/x-report", 'attachment; filename="r.json"'), (answer.read(), answer.headers["Content-Type"], answer.headers["Content-Disposition"]))
    default = _s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "report.json"})
    _equal(b"{}", urllib.request.urlopen(default).read())
    upload = urllib.request.Request(_s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "up"}), data=b"1", method="PUT", headers={"Content-Type": ""})
    _equal(200, urllib.request.urlopen(upload).status)

    def code(url):
        try:
            urllib.request.urlopen(url)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        raise AssertionError(url)

    old = boto3.client("s3", endpoint_url=_ENDPOINT, region_name="us-east-1", config=Config(signature_version="s3"))
    expired = old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "report.json"}, ExpiresIn=-10)
    assert code(expired)[0] == 403 and "Request has expired" in code(expired)[1], code(expired)
    forged = old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "report.json"}).replace("report.json", "up")
    assert "SignatureDoesNotMatch" in code(forged)[1], code(forged)
    assert "AccessDenied" in code(f"{_ENDPOINT}{bucket}/report.json")[1]
