"""What boto3 sees of AWS's services. checks.py comes before it, and runs it."""

import json
import sys
import time
import urllib.request

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

_ENDPOINT, _FILES = sys.argv[1], json.loads(sys.argv[2])
_ACCOUNT = "123456789012"
_ARN = f"arn:aws:iot:us-east-1:{_ACCOUNT}"
_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}'
_JITP = json.dumps({"Parameters": {"AWS::IoT::Certificate::Id": {"Type": "String"}}, "Resources": {
    "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}}}}})
_THING = {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}}


def _client(service, region="us-east-1"):
    return boto3.client(
        service, endpoint_url=_ENDPOINT, region_name=region,
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, signature_version="s3v4" if service == "s3" else None))


_iot = _client("iot")
_s3 = _client("s3")
_ssm = _client("ssm")
_sts = _client("sts")
_pca = _client("acm-pca")


def _fails(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        _equal((code, status), (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]))
        message = error.response["Error"]["Message"]
        assert message and "-Cdf" not in message and _FILES["folder"] not in message, f"no message for clients: {message!r}"
        assert error.response["ResponseMetadata"]["RequestId"], "there is no request id"
        return error
    raise AssertionError(f"expected {code}")


def _all(operation, member, **arguments):
    """Every item of a listing, by whichever token it has, in pages of two."""
    call, found, token = getattr(_iot, operation), [], {}
    size = "pageSize" if "pageSize" in _iot.meta.service_model.operation_model(_iot.meta.method_to_api_mapping[operation]).input_shape.members else "maxResults"
    while True:
        page = call(**arguments, **token, **{size: 2})
        found += page[member]
        if "nextToken" in page:
            token = {"nextToken": page["nextToken"]}
        elif "nextMarker" in page:
            token = {"marker": page["nextMarker"]}
        else:
            return found


def _knows(operation):
    return hasattr(_iot, operation)


def things():
    created = _iot.create_thing(thingName="t:1_a-b", attributePayload={"attributes": {"colour": "red", "path": "a/b#c"}})
    _equal(f"{_ARN}:thing/t:1_a-b", created["thingArn"])
    _equal(200, created["ResponseMetadata"]["HTTPStatusCode"])
    thing = _iot.describe_thing(thingName="t:1_a-b")
    _equal(({"colour": "red", "path": "a/b#c"}, 1, "t:1_a-b"), (thing["attributes"], thing["version"], thing["defaultClientId"]))
    assert "thingTypeName" not in thing
    _iot.update_thing(thingName="t:1_a-b", attributePayload={"attributes": {"colour": "", "size": "1"}, "merge": True}, expectedVersion=1)
    _fails("VersionConflictException", 409, _iot.update_thing, thingName="t:1_a-b", expectedVersion=1)
    conflict = _fails("ResourceAlreadyExistsException", 409, _iot.create_thing, thingName="t:1_a-b")
    _equal(created["thingId"], conflict.response["resourceId"])
    _equal(["t:1_a-b"], [t["thingName"] for t in _all("list_things", "things", attributeName="path", attributeValue="a/b#", usePrefixAttributeValue=True)])
    _fails("VersionConflictException", 409, _iot.delete_thing, thingName="t:1_a-b", expectedVersion=9)
    _iot.delete_thing(thingName="t:1_a-b", expectedVersion=2)
    _fails("ResourceNotFoundException", 404, _iot.describe_thing, thingName="t:1_a-b")
    _fails("InvalidRequestException", 400, _iot.create_thing, thingName="a", attributePayload={"attributes": {"a": "with space"}})
    _fails("InvalidRequestException", 400, _iot.list_things, maxResults=251)
    _fails("InvalidRequestException", 400, _iot.list_things, nextToken="garbage")


def thing_types():
    _iot.create_thing_type(thingTypeName="tt-1", thingTypeProperties={"thingTypeDescription": "A sensor", "searchableAttributes": ["a"]}, tags=[{"Key": "k", "Value": "v"}])
    if _knows("update_thing_type"):
        _iot.update_thing_type(thingTypeName="tt-1", thingTypeProperties={"searchableAttributes": ["b"]})
    described = _iot.describe_thing_type(thingTypeName="tt-1")
    _equal("A sensor", described["thingTypeProperties"]["thingTypeDescription"])
    assert abs(time.time() - described["thingTypeMetadata"]["creationDate"].timestamp()) < 60, "the time is wrong"
    _iot.create_thing(thingName="tt-t", thingTypeName="tt-1")
    _equal(["tt-1"], [t["thingTypeName"] for t in _all("list_thing_types", "thingTypes", thingTypeName="tt-1")])
    _fails("InvalidRequestException", 400, _iot.delete_thing_type, thingTypeName="tt-1")
    _iot.deprecate_thing_type(thingTypeName="tt-1")
    _fails("InvalidRequestException", 400, _iot.create_thing, thingName="tt-u", thingTypeName="tt-1")
    _iot.deprecate_thing_type(thingTypeName="tt-1", undoDeprecate=True)
    _iot.deprecate_thing_type(thingTypeName="tt-1")
    _iot.delete_thing(thingName="tt-t")
    _iot.delete_thing_type(thingTypeName="tt-1")


def thing_groups():
    _iot.create_thing_group(thingGroupName="g-1")
    _iot.create_thing_group(thingGroupName="g-2", parentGroupName="g-1", thingGroupProperties={"attributePayload": {"attributes": {"a": "1"}}})
    _iot.create_thing_group(thingGroupName="g-3", parentGroupName="g-1")
    _equal(2, _iot.update_thing_group(thingGroupName="g-2", thingGroupProperties={"thingGroupDescription": "Two"}, expectedVersion=1)["version"])
    described = _iot.describe_thing_group(thingGroupName="g-2")
    _equal(("Two", {"a": "1"}), (described["thingGroupProperties"]["thingGroupDescription"], described["thingGroupProperties"]["attributePayload"]["attributes"]))
    _equal(["g-1"], [g["groupName"] for g in described["thingGroupMetadata"]["rootToParentThingGroups"]])
    _equal(["g-2", "g-3"], [g["groupName"] for g in _all("list_thing_groups", "thingGroups", parentGroup="g-1", recursive=True, namePrefixFilter="g-")])
    _iot.create_thing(thingName="g-t")
    _iot.add_thing_to_thing_group(thingGroupName="g-2", thingName="g-t")
    _iot.update_thing_groups_for_thing(thingName="g-t", thingGroupsToAdd=["g-3"], thingGroupsToRemove=["g-2"])
    _equal(["g-3"], [g["groupName"] for g in _all("list_thing_groups_for_thing", "thingGroups", thingName="g-t")])
    _equal(["g-t"], _all("list_things_in_thing_group", "things", thingGroupName="g-1", recursive=True))
    _iot.remove_thing_from_thing_group(thingGroupArn=f"{_ARN}:thinggroup/g-3", thingArn=f"{_ARN}:thing/g-t")
    _fails("InvalidRequestException", 400, _iot.delete_thing_group, thingGroupName="g-1")
    _iot.delete_thing_group(thingGroupName="g-2", expectedVersion=2)
    _fails("ResourceNotFoundException", 404, _iot.describe_thing_group, thingGroupName="g-2")


def billing_groups():
    _iot.create_billing_group(billingGroupName="b-1", billingGroupProperties={"billingGroupDescription": "One"})
    _equal(2, _iot.update_billing_group(billingGroupName="b-1", billingGroupProperties={"billingGroupDescription": "Uno"})["version"])
    _equal("Uno", _iot.describe_billing_group(billingGroupName="b-1")["billingGroupProperties"]["billingGroupDescription"])
    _iot.create_thing(thingName="b-t")
    _iot.add_thing_to_billing_group(billingGroupName="b-1", thingName="b-t")
    _equal(["b-t"], _all("list_things_in_billing_group", "things", billingGroupName="b-1"))
    _iot.remove_thing_from_billing_group(billingGroupName="b-1", thingName="b-t")
    _equal(["b-1"], [g["groupName"] for g in _all("list_billing_groups", "billingGroups", namePrefixFilter="b-")])
    _iot.delete_billing_group(billingGroupName="b-1")


def certificates():
    made = _iot.create_keys_and_certificate(setAsActive=True)
    assert made["keyPair"]["PrivateKey"].startswith("-----BEGIN") and made["keyPair"]["PublicKey"].startswith("-----BEGIN PUBLIC KEY-----")
    described = _iot.describe_certificate(certificateId=made["certificateId"])["certificateDescription"]
    _equal(("ACTIVE", made["certificatePem"], _ACCOUNT), (described["status"], described["certificatePem"], described["ownedBy"]))
    assert described["validity"]["notAfter"].year >= 2049
    from_csr = _iot.create_certificate_from_csr(certificateSigningRequest=_FILES["csr"])
    _fails("CertificateStateException", 406, _iot.delete_certificate, certificateId=made["certificateId"])
    _iot.update_certificate(certificateId=made["certificateId"], newStatus="INACTIVE")
    ids = [c["certificateId"] for c in _all("list_certificates", "certificates", ascendingOrder=True)]
    assert ids.index(made["certificateId"]) < ids.index(from_csr["certificateId"])
    _iot.delete_certificate(certificateId=made["certificateId"])
    _iot.delete_certificate(certificateId=from_csr["certificateId"], forceDelete=True)
    _fails("ResourceNotFoundException", 404, _iot.describe_certificate, certificateId=made["certificateId"])
    registered = _iot.register_certificate_without_ca(certificatePem=_FILES["stranger"] + _FILES["ca"], status="ACTIVE")
    _equal(_FILES["stranger"], _iot.describe_certificate(certificateId=registered["certificateId"])["certificateDescription"]["certificatePem"])
    _fails("ResourceAlreadyExistsException", 409, _iot.register_certificate_without_ca, certificatePem=_FILES["stranger"])
    _equal("SNI_ONLY", _iot.describe_certificate(certificateId=registered["certificateId"])["certificateDescription"]["certificateMode"])


def ca_certificates():
    code = _iot.get_registration_code()["registrationCode"]
    _equal(_FILES["code"], code)
    _fails("InvalidRequestException", 400, _iot.register_ca_certificate, caCertificate=_FILES["ca"])
    _fails("RegistrationCodeValidationException", 400, _iot.register_ca_certificate, caCertificate=_FILES["ca"], verificationCertificate=_FILES["device"])
    ca = _iot.register_ca_certificate(
        caCertificate=_FILES["ca"], verificationCertificate=_FILES["verification"], setAsActive=True, allowAutoRegistration=True,
        registrationConfig={"templateBody": _JITP, "roleArn": f"arn:aws:iam::{_ACCOUNT}:role/r"})
    described = _iot.describe_ca_certificate(certificateId=ca["certificateId"])
    _equal(("ACTIVE", "ENABLE", _JITP), (described["certificateDescription"]["status"], described["certificateDescription"]["autoRegistrationStatus"], described["registrationConfig"]["templateBody"]))
    device = _iot.register_certificate(certificatePem=_FILES["device"] + _FILES["ca"], caCertificatePem=_FILES["ca"], status="ACTIVE")
    _equal([device["certificateId"]], [c["certificateId"] for c in _all("list_certificates_by_ca", "certificates", caCertificateId=ca["certificateId"])])
    _equal([ca["certificateId"]], [c["certificateId"] for c in _all("list_ca_certificates", "certificates")])
    _fails("CertificateStateException", 406, _iot.delete_ca_certificate, certificateId=ca["certificateId"])
    _iot.update_ca_certificate(certificateId=ca["certificateId"], newStatus="INACTIVE", newAutoRegistrationStatus="DISABLE", removeAutoRegistration=True)
    _iot.delete_ca_certificate(certificateId=ca["certificateId"])
    _iot.delete_registration_code()
    assert _iot.get_registration_code()["registrationCode"] != code


def policies():
    _fails("MalformedPolicyException", 400, _iot.create_policy, policyName="p", policyDocument="{}")
    _iot.create_policy(policyName="p+=,.@-1", policyDocument=_POLICY)
    _equal(_POLICY, _iot.get_policy(policyName="p+=,.@-1")["policyDocument"])
    _equal("2", _iot.create_policy_version(policyName="p+=,.@-1", policyDocument=_POLICY, setAsDefault=True)["policyVersionId"])
    _equal([("2", True), ("1", False)], [(v["versionId"], v["isDefaultVersion"]) for v in _iot.list_policy_versions(policyName="p+=,.@-1")["policyVersions"]])
    _fails("DeleteConflictException", 409, _iot.delete_policy, policyName="p+=,.@-1")
    _iot.set_default_policy_version(policyName="p+=,.@-1", policyVersionId="1")
    _equal(True, _iot.get_policy_version(policyName="p+=,.@-1", policyVersionId="1")["isDefaultVersion"])
    _iot.delete_policy_version(policyName="p+=,.@-1", policyVersionId="2")
    certificate = _iot.create_keys_and_certificate()["certificateArn"]
    _iot.create_thing_group(thingGroupName="p-g")
    for target in (certificate, f"{_ARN}:thinggroup/p-g"):
        _iot.attach_policy(policyName="p+=,.@-1", target=target)
        _equal(["p+=,.@-1"], [p["policyName"] for p in _all("list_attached_policies", "policies", target=target, recursive=True)])
    _equal([certificate, f"{_ARN}:thinggroup/p-g"], _all("list_targets_for_policy", "targets", policyName="p+=,.@-1"))
    _iot.detach_policy(policyName="p+=,.@-1", target=f"{_ARN}:thinggroup/p-g")
    _equal([certificate], _all("list_policy_principals", "principals", policyName="p+=,.@-1"))
    _equal(["p+=,.@-1"], [p["policyName"] for p in _all("list_principal_policies", "policies", principal=certificate, ascendingOrder=True)])
    _iot.detach_principal_policy(policyName="p+=,.@-1", principal=certificate)
    _iot.attach_principal_policy(policyName="p+=,.@-1", principal=certificate)
    _iot.detach_policy(policyName="p+=,.@-1", target=certificate)
    assert "p+=,.@-1" in [p["policyName"] for p in _all("list_policies", "policies", ascendingOrder=True)]
    _iot.delete_policy(policyName="p+=,.@-1")


def tags_of_whatever_has_tags():
    tags = [{"Key": "stage", "Value": "test"}, {"Key": "x", "Value": ""}]
    ca = _pca.create_certificate_authority(
        CertificateAuthorityType="ROOT", Tags=[{"Key": "stage", "Value": "test"}, {"Key": "x", "Value": ""}],
        CertificateAuthorityConfiguration={"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": {"CommonName": "Tagged"}})["CertificateAuthorityArn"]
    _equal(tags, _pca.list_tags(CertificateAuthorityArn=ca)["Tags"])
    _pca.tag_certificate_authority(CertificateAuthorityArn=ca, Tags=[{"Key": "y", "Value": "1"}])
    _pca.untag_certificate_authority(CertificateAuthorityArn=ca, Tags=[{"Key": "y"}])
    arns = [
        _iot.create_thing_type(thingTypeName="tag-t", tags=tags)["thingTypeArn"],
        _iot.create_thing_group(thingGroupName="tag-g", tags=tags)["thingGroupArn"],
        _iot.create_dynamic_thing_group(thingGroupName="tag-d", queryString="thingName:x", tags=tags)["thingGroupArn"],
        _iot.create_billing_group(billingGroupName="tag-b", tags=tags)["billingGroupArn"],
        _iot.create_policy(policyName="tag-p", policyDocument=_POLICY, tags=tags)["policyArn"],
        _iot.create_provisioning_template(templateName="tag-f", templateBody=_JITP, provisioningRoleArn=f"arn:aws:iam::{_ACCOUNT}:role/p", tags=tags)["templateArn"],
        f"{_ARN}:cacert/{ca.split('/')[-1]}",
    ]
    for arn in arns:
        _equal(tags, _iot.list_tags_for_resource(resourceArn=arn)["tags"])
        _iot.tag_resource(resourceArn=arn, tags=[{"Key": "stage", "Value": "live"}, {"Key": "z", "Value": "2"}])
        _iot.untag_resource(resourceArn=arn, tagKeys=["x", "none"])
        _equal([{"Key": "stage", "Value": "live"}, {"Key": "z", "Value": "2"}], _iot.list_tags_for_resource(resourceArn=arn)["tags"])
        _fails("InvalidRequestException", 400, _iot.tag_resource, resourceArn=arn, tags=[{"Key": "aws:x", "Value": "1"}])
        _fails("InvalidRequestException", 400, _iot.tag_resource, resourceArn=arn, tags=[{"Key": "a"}, {"Key": "a"}])
        _fails("LimitExceededException", 410, _iot.tag_resource, resourceArn=arn, tags=[{"Key": f"k{n}"} for n in range(49)])
    _iot.delete_policy(policyName="tag-p")
    _fails("ResourceNotFoundException", 404, _iot.list_tags_for_resource, resourceArn=f"{_ARN}:policy/tag-p")
    _iot.create_policy(policyName="tag-p", policyDocument=_POLICY)
    _equal([], _iot.list_tags_for_resource(resourceArn=f"{_ARN}:policy/tag-p")["tags"])
    _fails("InvalidRequestException", 400, _iot.list_tags_for_resource, resourceArn=f"{_ARN}:thing/a")
    _fails("InvalidRequestException", 400, _iot.list_tags_for_resource, resourceArn="arn:aws:iot:us-east-1:999999999999:policy/tag-p")


def the_index_of_things():
    _iot.create_thing_type(thingTypeName="ix-sensor")
    _iot.create_billing_group(billingGroupName="ix-bill")
    _iot.create_thing_group(thingGroupName="ix-north")
    for number, (kind, attributes) in enumerate([("ix-sensor", {"site": "Ulm", "size": "5", "ix": "1"}), ("ix-sensor", {"site": "ulm", "size": "75", "ix": "1"}), (None, {"site": "berlin", "ix": "1"})]):
        _iot.create_thing(thingName=f"ix-{number}", **({"thingTypeName": kind} if kind else {}), attributePayload={"attributes": attributes})
    _iot.add_thing_to_thing_group(thingGroupName="ix-north", thingName="ix-0")
    _iot.add_thing_to_billing_group(billingGroupName="ix-bill", thingName="ix-2")

    def found(query):
        pages = _iot.search_index(queryString=query, maxResults=2)
        things = pages["things"]
        while "nextToken" in pages:
            pages = _iot.search_index(queryString=query, maxResults=2, nextToken=pages["nextToken"])
            things += pages["things"]
        return [int(t["thingName"][3:]) for t in things if t["thingName"].startswith("ix-")]

    for query, expected in {
        "*": [0, 1, 2], "attributes.site:ulm AND thingTypeName:ix-sensor": [0, 1], "attributes.site:ULM": [0, 1], "thingName:ix-1": [1], "thingName:ix-*": [0, 1, 2],
        "thingName:ix-?": [0, 1, 2], "thingName:*-2": [2], "attributes.size > 5": [1], "attributes.size<=5 AND attributes.site : ulm": [0], "attributes.size:[5 TO 80]": [0, 1], "attributes.size:{5 TO 80]": [1], "attributes.size:[5 TO 75}": [0],
        "attributes.size>5": [1], "attributes.size<=5": [0], 'attributes.site:["a" TO "c"]': [2], "attributes.ix:1 NOT attributes.size:*": [2],
        "attributes.ix:1 AND (attributes.site:berlin OR attributes.size:75)": [1, 2], "attributes.ix:1 attributes.site:(ulm -x)": [0, 1], "thingName:(ix-* AND -ix-1)": [0, 2],
        "thingGroupNames:ix-north": [0], "thingGroupNames:ix-bill": [2], "berlin": [2], "ix-sensor attributes.size:5": [0], "attributes.none:*": [], "attributes.site:u*m": [0, 1],
        r"thingName:ix\-1": [1], 'thingName:"ix-*"': [], "NOT thingTypeName:* AND attributes.ix:1": [2], "attributes.size:[* TO 10]": [0],
    }.items():
        _equal((query, expected), (query, found(query)))
    first = _iot.search_index(queryString="thingName:ix-0")["things"][0]
    _equal(("ix-sensor", ["ix-north"], {"site": "Ulm", "size": "5", "ix": "1"}), (first["thingTypeName"], first["thingGroupNames"], first["attributes"]))
    _equal(["ix-0"], [t["thingName"] for t in _iot.search_index(queryString="thingId:" + first["thingId"])["things"]])
    for query in ("(", "a OR", "AND a", "attributes.size:[1 5]", "thingName:", '"open', "nosuch:1", "thingGroupName:x", "a b c d e f g h i j k l m", "thingName:*a thingName:*b", "("* 200 + "a" + ")" * 200):
        _fails("InvalidQueryException", 400, _iot.search_index, queryString=query)
    message = _fails("InvalidQueryException", 400, _iot.search_index, queryString="thingGroupName:x").response["Error"]["Message"]
    _equal("Unable to parse query, invalid field name, field name: thingGroupName, query string: thingGroupName:x", message)
    _fails("ResourceNotFoundException", 404, _iot.search_index, indexName="AWS_Others", queryString="*")

    assert {"name": "registry.version", "type": "Number"} in _iot.get_indexing_configuration()["thingIndexingConfiguration"]["managedFields"]
    _equal(3, _iot.get_statistics(queryString="attributes.ix:1")["statistics"]["count"])
    _fails("InvalidAggregationException", 400, _iot.get_statistics, queryString="*", aggregationField="attributes.size")
    _iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY", "customFields": [{"name": "attributes.size", "type": "Number"}, {"name": "attributes.site", "type": "String"}]})
    statistics = _iot.get_statistics(queryString="attributes.ix:1", aggregationField="attributes.size")["statistics"]
    _equal((2, 40.0, 80.0, 5.0, 75.0, 5650.0, 1225.0, 35.0), tuple(statistics[m] for m in ("count", "average", "sum", "minimum", "maximum", "sumOfSquares", "variance", "stdDeviation")))
    _equal({"count": 3}, _iot.get_statistics(queryString="attributes.ix:1", aggregationField="attributes.site")["statistics"])
    _equal(1, _iot.get_cardinality(queryString="attributes.ix:1", aggregationField="registry.thingTypeName")["cardinality"])
    _equal(1, _iot.get_cardinality(queryString="attributes.ix:1", aggregationField="registry.thingGroupNames")["cardinality"])
    _equal((["AWS_Things"], "ACTIVE"), (_iot.list_indices()["indexNames"], _iot.describe_index(indexName="AWS_Things")["indexStatus"]))
    _iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "OFF"})
    _fails("IndexNotReadyException", 400, _iot.search_index, queryString="*")
    _fails("IndexNotReadyException", 400, _iot.create_dynamic_thing_group, thingGroupName="ix-off", queryString="*")
    _iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY"})


def dynamic_thing_groups():
    created = _iot.create_dynamic_thing_group(thingGroupName="dy-1", queryString="attributes.dy:1", thingGroupProperties={"thingGroupDescription": "One"})
    _equal(("AWS_Things", "attributes.dy:1", "2017-09-30"), tuple(created[m] for m in ("indexName", "queryString", "queryVersion")))
    described = _iot.describe_thing_group(thingGroupName="dy-1")
    _equal(("attributes.dy:1", "ACTIVE", "One"), (described["queryString"], described["status"], described["thingGroupProperties"]["thingGroupDescription"]))
    assert "attributePayload" not in described["thingGroupProperties"]
    _iot.create_thing(thingName="dy-a", attributePayload={"attributes": {"dy": "1"}})
    _iot.create_thing(thingName="dy-b")
    _iot.create_thing_group(thingGroupName="dy-static")
    _iot.add_thing_to_thing_group(thingGroupName="dy-static", thingName="dy-a")
    _equal(["dy-a"], _all("list_things_in_thing_group", "things", thingGroupName="dy-1"))
    _equal(["dy-1", "dy-static"], [g["groupName"] for g in _all("list_thing_groups_for_thing", "thingGroups", thingName="dy-a")])
    _iot.update_thing(thingName="dy-b", attributePayload={"attributes": {"dy": "1"}})
    _equal(["dy-a", "dy-b"], _all("list_things_in_thing_group", "things", thingGroupName="dy-1"))
    _equal(2, _iot.update_dynamic_thing_group(thingGroupName="dy-1", thingGroupProperties={}, queryString="attributes.dy:2", expectedVersion=1)["version"])
    _equal([], _all("list_things_in_thing_group", "things", thingGroupName="dy-1"))
    arn = f"{_ARN}:thinggroup/dy-1"
    message = _fails("InvalidRequestException", 400, _iot.delete_thing_group, thingGroupName="dy-1").response["Error"]["Message"]
    _equal(f"This operation does not support dynamic thing groups. Thing group arn: {arn}", message)
    _fails("InvalidRequestException", 400, _iot.add_thing_to_thing_group, thingGroupName="dy-1", thingName="dy-a")
    _fails("InvalidRequestException", 400, _iot.update_thing_group, thingGroupName="dy-1", thingGroupProperties={})
    _fails("InvalidRequestException", 400, _iot.create_thing_group, thingGroupName="dy-child", parentGroupName="dy-1")
    _fails("InvalidRequestException", 400, _iot.delete_dynamic_thing_group, thingGroupName="dy-static")
    _iot.create_policy(policyName="dy-p", policyDocument=_POLICY)
    _fails("InvalidRequestException", 400, _iot.attach_policy, policyName="dy-p", target=arn)
    _fails("InvalidQueryException", 400, _iot.create_dynamic_thing_group, thingGroupName="dy-2", queryString="nosuch:1")
    _fails("ResourceAlreadyExistsException", 409, _iot.create_thing_group, thingGroupName="dy-1")
    _iot.delete_dynamic_thing_group(thingGroupName="dy-1", expectedVersion=2)
    _iot.delete_dynamic_thing_group(thingGroupName="dy-1")


def policies_of_cognito_identities():
    identity = "us-east-1:12345678-1234-1234-1234-123456789012"
    certificate = _iot.create_keys_and_certificate()["certificateArn"]
    for name in ("co-1", "co-2"):
        _iot.create_policy(policyName=name, policyDocument=_POLICY)
        _iot.attach_policy(policyName=name, target=identity)
    _iot.attach_policy(policyName="co-1", target=certificate)
    _equal(["co-1", "co-2"], [p["policyName"] for p in _all("list_attached_policies", "policies", target=identity)])
    _equal([certificate, identity], _all("list_targets_for_policy", "targets", policyName="co-1"))
    _equal([identity, certificate], _all("list_policy_principals", "principals", policyName="co-1"))
    _fails("DeleteConflictException", 409, _iot.delete_policy, policyName="co-2")
    _iot.detach_principal_policy(policyName="co-2", principal=identity)
    _iot.delete_policy(policyName="co-2")
    _fails("InvalidRequestException", 400, _iot.attach_policy, policyName="co-1", target="nothing")


def what_is_asked_of_events_and_logs():
    _equal({"Enabled": False}, _iot.describe_event_configurations()["eventConfigurations"]["THING"])
    _equal("DISABLED", _iot.get_logging_options()["logLevel"])
    _equal(True, _iot.get_v2_logging_options()["disableAllLogs"])


def answers_for_what_is_not_there():
    _equal([], _iot.list_policy_principals(policyName="none")["principals"])
    _equal("Policy not found", _fails("ResourceNotFoundException", 404, _iot.list_targets_for_policy, policyName="none").response["Error"]["Message"])
    _iot.create_thing_group(thingGroupName="an-g")
    assert "attributePayload" not in _iot.describe_thing_group(thingGroupName="an-g")["thingGroupProperties"]
    exists = _fails("ResourceAlreadyExistsException", 409, _iot.create_thing_group, thingGroupName="an-g", thingGroupProperties={"thingGroupDescription": "Other"})
    _equal("Thing Group an-g already exists in current account with different properties", exists.response["Error"]["Message"])
    made = _iot.create_keys_and_certificate(setAsActive=True)["certificateId"]
    _equal(f"Certificate must be deactivated (not ACTIVE) before deletion. Id: {made}", _fails("CertificateStateException", 406, _iot.delete_certificate, certificateId=made).response["Error"]["Message"])


def what_policies_allow():
    certificate = _iot.create_keys_and_certificate()["certificateArn"]
    _iot.create_policy(policyName="wp-1", policyDocument=_POLICY)
    _iot.attach_policy(policyName="wp-1", target=certificate)
    tested = _iot.test_authorization(principal=certificate, authInfos=[{"actionType": "PUBLISH", "resources": [f"{_ARN}:topic/a"]}])
    _equal("ALLOWED", tested["authResults"][0]["authDecision"])
    _equal(["wp-1"], [p["policyName"] for p in _iot.get_effective_policies(principal=certificate)["effectivePolicies"]])


def principals():
    certificate = _iot.create_keys_and_certificate()["certificateArn"]
    _iot.create_thing(thingName="pr-1")
    _iot.attach_thing_principal(thingName="pr-1", principal=certificate)
    _equal([certificate], _all("list_thing_principals", "principals", thingName="pr-1"))
    _equal(["pr-1"], _all("list_principal_things", "things", principal=certificate))
    if _knows("list_thing_principals_v2"):
        _equal([{"principal": certificate, "thingPrincipalType": "NON_EXCLUSIVE_THING"}], _all("list_thing_principals_v2", "thingPrincipalObjects", thingName="pr-1"))
        _equal(["pr-1"], [t["thingName"] for t in _all("list_principal_things_v2", "principalThingObjects", principal=certificate, thingPrincipalType="NON_EXCLUSIVE_THING")])
    _fails("InvalidRequestException", 400, _iot.delete_thing, thingName="pr-1")
    _iot.detach_thing_principal(thingName="pr-1", principal=certificate)
    _fails("ResourceNotFoundException", 404, _iot.list_thing_principals, thingName="nothing")


def registering_a_thing():
    template = json.dumps({"Parameters": {"Name": {"Type": "String"}, "Csr": {"Type": "String"}}, "Resources": {
        "thing": _THING,
        "certificate": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateSigningRequest": {"Ref": "Csr"}, "Status": "ACTIVE"}},
        "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": _POLICY}}}})
    registered = _iot.register_thing(templateBody=template, parameters={"Name": "rt-1", "Csr": _FILES["csr"]})
    _equal({"thing", "certificate", "policy"}, set(registered["resourceArns"]))
    _equal([registered["resourceArns"]["certificate"]], _iot.list_thing_principals(thingName="rt-1")["principals"])
    assert registered["certificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    _fails("ResourceRegistrationFailureException", 400, _iot.register_thing, templateBody=template, parameters={"Name": "rt-2", "Csr": "no CSR"})
    _fails("InvalidRequestException", 400, _iot.register_thing, templateBody="{", parameters={})


def thing_registration_tasks():
    _s3.create_bucket(Bucket="lists")
    _s3.put_object(Bucket="lists", Key="in/a-b.json", Body="\n".join(json.dumps({"Name": name}) for name in ["bulk-1", "not good", "bulk-3"]))
    template = json.dumps({"Parameters": {"Name": {"Type": "String"}}, "Resources": {"device": _THING}})
    arguments = {"templateBody": template, "inputFileBucket": "lists", "roleArn": f"arn:aws:iam::{_ACCOUNT}:role/service-role/registration"}
    _fails("InvalidRequestException", 400, _iot.start_thing_registration_task, inputFileKey="none", **arguments)
    task = _iot.start_thing_registration_task(inputFileKey="in/a-b.json", **arguments)["taskId"]
    assert task in _all("list_thing_registration_tasks", "taskIds")
    while (described := _iot.describe_thing_registration_task(taskId=task))["status"] == "InProgress":
        pass
    _equal(("Completed", 2, 1, 100, "in/a-b.json"), tuple(described[m] for m in ("status", "successCount", "failureCount", "percentageProgress", "inputFileKey")))

    results = [json.loads(line) for line in _report(task, "RESULTS")]
    _equal([f"{_ARN}:thing/bulk-1", f"{_ARN}:thing/bulk-3"], [r["response"]["ResourceArns"]["device"] for r in results])
    assert "not good" in json.loads(_report(task, "ERRORS")[0])["errorMessage"]
    _fails("InvalidRequestException", 400, _iot.list_thing_registration_task_reports, taskId=task, reportType="OTHER")
    _fails("InvalidRequestException", 400, _iot.list_thing_registration_task_reports, taskId="none", reportType="ERRORS")
    _fails("ResourceNotFoundException", 404, _iot.describe_thing_registration_task, taskId="none")
    try:
        _iot.stop_thing_registration_task(taskId=_iot.start_thing_registration_task(inputFileKey="in/a-b.json", **arguments)["taskId"])
    except ClientError:
        pass  # It was over before.


def _report(task, kind):
    link, = _iot.list_thing_registration_task_reports(taskId=task, reportType=kind)["resourceLinks"]
    with urllib.request.urlopen(link) as report:
        return report.read().decode().splitlines()


def endpoints():
    _equal(f"{_ACCOUNT}-ats.iot.us-east-1.localhost", _iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"])


def regions():
    other = _client("iot", "eu-central-1")
    _equal(f"arn:aws:iot:eu-central-1:{_ACCOUNT}:thing/only-here", other.create_thing(thingName="only-here")["thingArn"])
    _fails("ResourceNotFoundException", 404, _iot.describe_thing, thingName="only-here")
    _equal(["only-here"], [t["thingName"] for t in other.list_things()["things"]])
    _fails("IncompleteSignatureException", 403, _client("iot", "ca-keys").list_things)


def operations_that_are_not_served():
    _fails("UnknownOperationException", 400, _iot.list_jobs)
    _fails("UnknownOperationException", 400, _ssm.get_parameter_history, Name="a")
    _fails("InvalidAction", 400, _sts.get_session_token)


def templates_in_s3():
    _s3.put_object(Bucket="templates", Key="from-s3.json", Body=json.dumps({"Resources": {}}))
    _equal({"Resources": {}}, json.loads(_s3.get_object(Bucket="templates", Key="from-s3.json")["Body"].read()))


def ca_keys_in_ssm():
    name = "cdf-ca-key-" + "0" * 64
    _fails("ParameterNotFound", 400, _ssm.get_parameter, Name=name, WithDecryption=True)
    _ssm.put_parameter(Name=name, Value=_FILES["key"], Type="SecureString")
    _fails("ParameterAlreadyExists", 400, _ssm.put_parameter, Name=name, Value=_FILES["key"], Type="SecureString")
    _ssm.put_parameter(Name=name, Value=_FILES["key"], Type="SecureString", Overwrite=True)
    parameter = _ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    _equal((_FILES["key"], "SecureString"), (parameter["Value"], parameter["Type"]))
    assert "PRIVATE" not in _ssm.get_parameter(Name=name)["Parameter"]["Value"]
    _ssm.delete_parameter(Name=name)
    _fails("ParameterNotFound", 400, _ssm.delete_parameter, Name=name)
    _fails("ValidationException", 400, _ssm.put_parameter, Name=name, Value="no key", Type="SecureString")


def parameters():
    _equal(1, _ssm.put_parameter(Name="/app/db/url", Value="one", Type="String", Tags=[{"Key": "k", "Value": "v"}])["Version"])
    _fails("ParameterAlreadyExists", 400, _ssm.put_parameter, Name="/app/db/url", Value="two")
    _equal(2, _ssm.put_parameter(Name="/app/db/url", Value="two", Overwrite=True)["Version"])
    _ssm.put_parameter(Name="plain", Value="s3cret", Type="SecureString")
    found = _ssm.get_parameter(Name="/app/db/url:2")["Parameter"]
    _equal(("/app/db/url", "two", "String", f"arn:aws:ssm:us-east-1:{_ACCOUNT}:parameter/app/db/url"), (found["Name"], found["Value"], found["Type"], found["ARN"]))
    _equal("two", _ssm.get_parameter(Name=found["ARN"])["Parameter"]["Value"])
    _fails("ParameterVersionNotFound", 400, _ssm.get_parameter, Name="/app/db/url:1")
    _equal((["plain"], ["none"]), (lambda r: ([p["Name"] for p in r["Parameters"]], r["InvalidParameters"]))(_ssm.get_parameters(Names=["plain", "none"], WithDecryption=True)))
    assert "s3cret" != _ssm.get_parameter(Name="plain")["Parameter"]["Value"]
    _equal([], _ssm.get_parameters_by_path(Path="/app")["Parameters"])
    _equal(["/app/db/url"], [p["Name"] for p in _ssm.get_parameters_by_path(Path="/app", Recursive=True)["Parameters"]])
    _equal(["plain"], [p["Name"] for p in _ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["plain"]}])["Parameters"]])
    tagged = {"ResourceType": "Parameter", "ResourceId": "/app/db/url"}
    _ssm.add_tags_to_resource(Tags=[{"Key": "l", "Value": "w"}], **tagged)
    _ssm.remove_tags_from_resource(TagKeys=["k"], **tagged)
    _equal([{"Key": "l", "Value": "w"}], _ssm.list_tags_for_resource(**tagged)["TagList"])
    for name in ("aws-x", "/ssm/x", "a/b", "with space"):
        _fails("ValidationException", 400, _ssm.put_parameter, Name=name, Value="x", Type="String")
    _fails("ValidationException", 400, _ssm.put_parameter, Name="long", Value="x" * 4097, Type="String")
    _fails("ValidationException", 400, _ssm.put_parameter, Name="untyped", Value="x")
    _equal(["/app/db/url", "plain"], _ssm.delete_parameters(Names=["/app/db/url", "plain"])["DeletedParameters"])
    _fails("ParameterNotFound", 400, _ssm.get_parameter, Name="plain")


def a_ca_signs_with_its_key_in_ssm():
    arn = _pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": {"CommonName": "Keyless"}})["CertificateAuthorityArn"]
    issue = {"CertificateAuthorityArn": arn, "SigningAlgorithm": "SHA256WITHECDSA", "Csr": _FILES["csr"].encode(), "Validity": {"Value": 30, "Type": "DAYS"}}
    _pca.issue_certificate(**issue)
    name = "cdf-ca-key-" + arn.split("/")[-1]
    key = _ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    _ssm.delete_parameter(Name=name)
    _fails("ResourceNotFoundException", 400, _pca.issue_certificate, **issue)
    _ssm.put_parameter(Name=name, Value=key, Type="SecureString")
    _pca.issue_certificate(**issue)


def private_cas():
    subject = {"CommonName": "Private", "Organization": "Example", "Country": "GB"}
    arn = _pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={"KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": subject})["CertificateAuthorityArn"]
    described = _pca.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"]
    _equal(("ACTIVE", "ROOT", subject), (described["Status"], described["Type"], described["CertificateAuthorityConfiguration"]["Subject"]))
    assert arn in [ca["Arn"] for ca in _pca.get_paginator("list_certificate_authorities").paginate(PaginationConfig={"PageSize": 1}).build_full_result()["CertificateAuthorities"]]
    ca = _pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)["Certificate"]

    issue = {"CertificateAuthorityArn": arn, "SigningAlgorithm": "SHA256WITHECDSA"}
    days = {"Value": 30, "Type": "DAYS"}
    issued = _pca.issue_certificate(Csr=_FILES["csr"].encode(), Validity=days, **issue)["CertificateArn"]
    assert issued.startswith(f"{arn}/certificate/")
    _fails("RequestInProgressException", 400, _pca.get_certificate, CertificateAuthorityArn=arn, CertificateArn=issued)
    certificate = _pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
    _equal(ca, certificate["CertificateChain"])
    _pca.get_waiter("certificate_issued").wait(CertificateAuthorityArn=arn, CertificateArn=issued)
    _iot.register_certificate(certificatePem=certificate["Certificate"], caCertificatePem=ca, status="ACTIVE")

    _fails("MalformedCSRException", 400, _pca.issue_certificate, Csr=b"no CSR", Validity=days, **issue)
    _fails("InvalidArgsException", 400, _pca.issue_certificate, Csr=_FILES["csr"].encode(), Validity={"Value": 100, "Type": "YEARS"}, **issue)
    _fails("InvalidArgsException", 400, _pca.issue_certificate, Csr=_FILES["csr"].encode(), Validity={"Value": 99999999, "Type": "YEARS"}, **issue)
    _fails("ResourceNotFoundException", 400, _pca.describe_certificate_authority, CertificateAuthorityArn=arn[:-64] + "0" * 64)
    _fails("ResourceNotFoundException", 400, _pca.describe_certificate_authority, CertificateAuthorityArn="arn:aws:acm-pca:us-east-1:999999999999:certificate-authority/1")
    _fails("ResourceNotFoundException", 400, _pca.describe_certificate_authority, CertificateAuthorityArn=f"arn:aws:acm-pca:us-east-1:{_ACCOUNT}:certificate-authority/12345678-1234-1234-1234-123456789012")
    _fails("InvalidArnException", 400, _pca.describe_certificate_authority, CertificateAuthorityArn=f"arn:aws:acm-pca:us-east-1:{_ACCOUNT}:template/x")
    _fails("InvalidArgsException", 400, _pca.issue_certificate, CertificateAuthorityArn=arn, SigningAlgorithm="SHA256WITHRSA", Csr=_FILES["csr"].encode(), Validity=days)
    rsa = {"KeyAlgorithm": "RSA_2048", "SigningAlgorithm": "SHA256WITHRSA", "Subject": subject}
    _fails("InvalidArgsException", 400, _pca.create_certificate_authority, CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={**rsa, "SigningAlgorithm": "SHA256WITHECDSA"})
    other = _pca.create_certificate_authority(CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration=rsa)["CertificateAuthorityArn"]
    _equal("RSA_2048", _pca.describe_certificate_authority(CertificateAuthorityArn=other)["CertificateAuthority"]["CertificateAuthorityConfiguration"]["KeyAlgorithm"])
    _fails("InvalidArgsException", 400, _pca.issue_certificate, CertificateAuthorityArn=other, SigningAlgorithm="SHA256WITHECDSA", Csr=_FILES["csr"].encode(), Validity=days)
    _pca.issue_certificate(CertificateAuthorityArn=other, SigningAlgorithm="SHA256WITHRSA", Csr=_FILES["csr"].encode(), Validity=days)
    _fails("ResourceNotFoundException", 400, _pca.get_certificate, CertificateAuthorityArn=arn, CertificateArn=f"{arn}/certificate/{'0' * 32}")
    _pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    _fails("ResourceNotFoundException", 400, _pca.delete_certificate_authority, CertificateAuthorityArn=arn)


def provisioning_templates():
    body = json.dumps({
        "Parameters": {"SerialNumber": {"Type": "String"}},
        "Resources": {"thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "SerialNumber"}}}}})
    role = f"arn:aws:iam::{_ACCOUNT}:role/provisioning"
    created = _iot.create_provisioning_template(templateName="claims", templateBody=body, provisioningRoleArn=role, enabled=True)
    _equal(("claims", 1), (created["templateName"], created["defaultVersionId"]))
    _fails("ResourceAlreadyExistsException", 409, _iot.create_provisioning_template, templateName="claims", templateBody=body, provisioningRoleArn=role)
    _equal(2, _iot.create_provisioning_template_version(templateName="claims", templateBody=body, setAsDefault=True)["versionId"])
    _equal({1, 2}, {version["versionId"] for version in _iot.list_provisioning_template_versions(templateName="claims")["versions"]})
    _equal(body, _iot.describe_provisioning_template_version(templateName="claims", versionId=1)["templateBody"])
    _iot.update_provisioning_template(templateName="claims", description="of a claim", enabled=True)
    described = _iot.describe_provisioning_template(templateName="claims")
    _equal(("of a claim", 2, True), (described["description"], described["defaultVersionId"], described["enabled"]))
    assert "claims" in [template["templateName"] for template in _iot.list_provisioning_templates()["templates"]]
    assert "PRIVATE KEY" in _iot.create_provisioning_claim(templateName="claims")["keyPair"]["PrivateKey"]
    _iot.delete_provisioning_template_version(templateName="claims", versionId=1)
    _iot.delete_provisioning_template(templateName="claims")
    _fails("ResourceNotFoundException", 404, _iot.describe_provisioning_template, templateName="claims")


def identities():
    _equal(_ACCOUNT, _sts.get_caller_identity()["Account"])
    assumed = _sts.assume_role(RoleArn=f"arn:aws:iam::{_ACCOUNT}:role/path/admin", RoleSessionName="me", DurationSeconds=900)
    _equal(f"arn:aws:sts::{_ACCOUNT}:assumed-role/admin/me", assumed["AssumedRoleUser"]["Arn"])
    keys = assumed["Credentials"]
    assert 890 < keys["Expiration"].timestamp() - time.time() < 910
    boto3.client(
        "iot", endpoint_url=_ENDPOINT, region_name="us-east-1", aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"]).list_things()
    _fails("ValidationError", 400, _sts.assume_role, RoleArn="arn:aws:iam::1:user/nobody12345", RoleSessionName="me")


def what_terraform_does():
    """The calls of Terraform's AWS provider (internal/service/iot: thing, thing_type, thing_group, policy, policy_attachment, certificate,
    thing_principal_attachment, provisioning_template): each resource is created, read with its tags, changed, and destroyed."""
    tags = [{"Key": "Name", "Value": "tf"}]

    def read(describe, arn, **named):
        described = describe(**named)
        _equal(tags, _iot.list_tags_for_resource(resourceArn=described[arn])["tags"])
        return described

    _iot.create_thing_type(thingTypeName="tf-type", thingTypeProperties={"thingTypeDescription": "d", "searchableAttributes": ["a"]}, tags=tags)
    _equal(False, read(_iot.describe_thing_type, "thingTypeArn", thingTypeName="tf-type")["thingTypeMetadata"]["deprecated"])
    _iot.create_thing(thingName="tf-thing", thingTypeName="tf-type", attributePayload={"attributes": {"First": "example"}})
    _iot.update_thing(thingName="tf-thing", attributePayload={"attributes": {"Second": "example"}}, thingTypeName="tf-type")
    _equal({"Second": "example"}, _iot.describe_thing(thingName="tf-thing")["attributes"])

    group = _iot.create_thing_group(thingGroupName="tf-group", thingGroupProperties={"thingGroupDescription": "d", "attributePayload": {"attributes": {"a": "1"}}}, tags=tags)
    version = read(_iot.describe_thing_group, "thingGroupArn", thingGroupName="tf-group")["version"]
    _iot.update_thing_group(thingGroupName="tf-group", expectedVersion=version, thingGroupProperties={"thingGroupDescription": "e", "attributePayload": {"attributes": {}}})
    _iot.add_thing_to_thing_group(thingGroupName="tf-group", thingName="tf-thing", overrideDynamicGroups=False)
    _equal(["tf-group"], [g["groupName"] for g in _all("list_thing_groups_for_thing", "thingGroups", thingName="tf-thing")])

    policy = _iot.create_policy(policyName="tf-policy", policyDocument=_POLICY, tags=tags)
    _equal(_POLICY, read(_iot.get_policy, "policyArn", policyName="tf-policy")["policyDocument"])
    for n in range(4):
        _iot.create_policy_version(policyName="tf-policy", policyDocument=_POLICY.replace("iot:*", f"iot:Publish{n}"), setAsDefault=True)
    _fails("VersionsLimitExceededException", 409, _iot.create_policy_version, policyName="tf-policy", policyDocument=_POLICY, setAsDefault=True)
    oldest = min(int(v["versionId"]) for v in _iot.list_policy_versions(policyName="tf-policy")["policyVersions"] if not v["isDefaultVersion"])
    _iot.delete_policy_version(policyName="tf-policy", policyVersionId=str(oldest))
    _equal("6", _iot.create_policy_version(policyName="tf-policy", policyDocument=_POLICY, setAsDefault=True)["policyVersionId"])
    _iot.tag_resource(resourceArn=policy["policyArn"], tags=[{"Key": "more", "Value": ""}])
    _iot.untag_resource(resourceArn=policy["policyArn"], tagKeys=["more"])

    certificate = _iot.create_keys_and_certificate(setAsActive=True)
    arn, certificate_id = certificate["certificateArn"], certificate["certificateId"]
    described = _iot.describe_certificate(certificateId=certificate_id)["certificateDescription"]
    _equal(("ACTIVE", arn), (described["status"], described["certificateArn"]))
    for target in (arn, group["thingGroupArn"]):
        _iot.attach_policy(policyName="tf-policy", target=target)
        _equal(["tf-policy"], [p["policyName"] for p in _iot.list_attached_policies(target=target, recursive=False, pageSize=250)["policies"]])
    _iot.attach_thing_principal(principal=arn, thingName="tf-thing")
    _equal([arn], _iot.list_thing_principals(thingName="tf-thing")["principals"])
    if _knows("list_thing_principals_v2"):
        _equal([(arn, "NON_EXCLUSIVE_THING")], [(o["principal"], o["thingPrincipalType"]) for o in _iot.list_thing_principals_v2(thingName="tf-thing")["thingPrincipalObjects"]])

    # The template of the provider's own documentation: AWS's parameter is not declared.
    body = json.dumps({"Parameters": {"SerialNumber": {"Type": "String"}}, "Resources": {
        "certificate": {"Properties": {"CertificateId": {"Ref": "AWS::IoT::Certificate::Id"}, "Status": "Active"}, "Type": "AWS::IoT::Certificate"},
        "policy": {"Properties": {"PolicyName": "tf-policy"}, "Type": "AWS::IoT::Policy"}}})
    role = f"arn:aws:iam::{_ACCOUNT}:role/service-role/IoTProvisioningServiceRole"
    _iot.create_provisioning_template(templateName="tf-template", templateBody=body, provisioningRoleArn=role, enabled=False, tags=tags)
    _equal(("FLEET_PROVISIONING", 1), (lambda t: (t["type"], t["defaultVersionId"]))(read(_iot.describe_provisioning_template, "templateArn", templateName="tf-template")))
    _iot.create_provisioning_template_version(templateName="tf-template", templateBody=body, setAsDefault=True)
    _iot.update_provisioning_template(templateName="tf-template", description="", enabled=True, provisioningRoleArn=role)
    _equal((True, 2), (lambda t: (t["enabled"], t["defaultVersionId"]))(_iot.describe_provisioning_template(templateName="tf-template")))

    _iot.delete_provisioning_template(templateName="tf-template")
    _iot.detach_thing_principal(principal=arn, thingName="tf-thing")
    _equal([], _iot.list_thing_principals(thingName="tf-thing")["principals"])
    for target in (arn, group["thingGroupArn"]):
        _iot.detach_policy(policyName="tf-policy", target=target)
        _equal([], _iot.list_attached_policies(target=target, recursive=False, pageSize=250)["policies"])
    _iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    _iot.delete_certificate(certificateId=certificate_id)
    for v in _iot.list_policy_versions(policyName="tf-policy")["policyVersions"]:
        if not v["isDefaultVersion"]:
            _iot.delete_policy_version(policyName="tf-policy", policyVersionId=v["versionId"])
    _iot.delete_policy(policyName="tf-policy")
    _iot.remove_thing_from_thing_group(thingGroupName="tf-group", thingName="tf-thing")
    _iot.delete_thing_group(thingGroupName="tf-group")
    _iot.delete_thing(thingName="tf-thing")
    _iot.deprecate_thing_type(thingTypeName="tf-type")
    _iot.delete_thing_type(thingTypeName="tf-type")
    for describe, name in (
        (_iot.describe_provisioning_template, {"templateName": "tf-template"}), (_iot.describe_certificate, {"certificateId": certificate_id}),
        (_iot.get_policy, {"policyName": "tf-policy"}), (_iot.describe_thing_group, {"thingGroupName": "tf-group"}),
        (_iot.describe_thing, {"thingName": "tf-thing"}), (_iot.describe_thing_type, {"thingTypeName": "tf-type"})):
        _fails("ResourceNotFoundException", 404, describe, **name)
