// A day in the life of a fleet, with AWS's own SDK: prints what it has seen as JSON.
import {
  IoTClient, RegisterThingCommand, StartThingRegistrationTaskCommand, DescribeThingRegistrationTaskCommand,
  ListThingRegistrationTaskReportsCommand, DescribeThingCommand, CreateThingTypeCommand, UpdateThingTypeCommand,
  DescribeThingTypeCommand, ListThingPrincipalsV2Command, ListPrincipalThingsV2Command, CreatePolicyCommand, paginateListThings,
  TagResourceCommand, ListTagsForResourceCommand, SearchIndexCommand, CreateDynamicThingGroupCommand, ListThingsInThingGroupCommand,
} from "@aws-sdk/client-iot";
import { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";

const [endpoint, csr] = process.argv.slice(2);
const settings = { endpoint, region: "us-east-1", maxAttempts: 1 };
const iot = new IoTClient(settings);
const s3 = new S3Client({ ...settings, forcePathStyle: true });
const seen = {};

await iot.send(new CreatePolicyCommand({
  policyName: "sensors",
  policyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }] }),
}));
await s3.send(new PutObjectCommand({
  Bucket: "templates",
  Key: "sensor.json",
  Body: JSON.stringify({
    Parameters: { Name: { Type: "String" }, Csr: { Type: "String" } },
    Resources: {
      thing: { Type: "AWS::IoT::Thing", Properties: { ThingName: { Ref: "Name" } } },
      certificate: { Type: "AWS::IoT::Certificate", Properties: { CertificateSigningRequest: { Ref: "Csr" } } },
      policy: { Type: "AWS::IoT::Policy", Properties: { PolicyName: "sensors" } },
    },
  }),
}));
const templateBody = await (await s3.send(new GetObjectCommand({ Bucket: "templates", Key: "sensor.json" }))).Body.transformToString();

const registered = await iot.send(new RegisterThingCommand({ templateBody, parameters: { Name: "one", Csr: csr } }));
seen.registered = Object.keys(registered.resourceArns).sort();
const principals = await iot.send(new ListThingPrincipalsV2Command({ thingName: "one" }));
seen.principalType = principals.thingPrincipalObjects[0].thingPrincipalType;
const things = await iot.send(new ListPrincipalThingsV2Command({ principal: principals.thingPrincipalObjects[0].principal }));
seen.thing = things.principalThingObjects[0].thingName;

await iot.send(new CreateThingTypeCommand({ thingTypeName: "sensor" }));
await iot.send(new UpdateThingTypeCommand({ thingTypeName: "sensor", thingTypeProperties: { thingTypeDescription: "Feels" } }));
const type = await iot.send(new DescribeThingTypeCommand({ thingTypeName: "sensor" }));
seen.description = type.thingTypeProperties.thingTypeDescription;
seen.createdNow = Math.abs(type.thingTypeMetadata.creationDate - Date.now()) < 60_000;

const group = await iot.send(new CreateDynamicThingGroupCommand({
  thingGroupName: "ones", queryString: "thingName:one", tags: [{ Key: "stage", Value: "test" }],
}));
await iot.send(new TagResourceCommand({ resourceArn: group.thingGroupArn, tags: [{ Key: "team", Value: "field" }] }));
seen.tags = (await iot.send(new ListTagsForResourceCommand({ resourceArn: group.thingGroupArn }))).tags;
seen.members = (await iot.send(new ListThingsInThingGroupCommand({ thingGroupName: "ones" }))).things;
seen.found = (await iot.send(new SearchIndexCommand({ queryString: "thingName:on* AND NOT thingTypeName:*" }))).things.map((t) => t.thingName);

await s3.send(new CreateBucketCommand({ Bucket: "lists" }));
const rows = Array.from({ length: 1000 }, (_, i) => JSON.stringify({ Name: i === 500 ? "not good" : `n-${i}`, Csr: csr }));
await s3.send(new PutObjectCommand({ Bucket: "lists", Key: "fleet.json", Body: rows.join("\n") }));
const { taskId } = await iot.send(new StartThingRegistrationTaskCommand({
  templateBody, inputFileBucket: "lists", inputFileKey: "fleet.json", roleArn: "arn:aws:iam::123456789012:role/service-role/registration",
}));
let task;
do {
  task = await iot.send(new DescribeThingRegistrationTaskCommand({ taskId }));
} while (task.status === "InProgress");
seen.task = [task.status, task.successCount, task.failureCount, task.percentageProgress];

const report = async (reportType) => {
  const { resourceLinks } = await iot.send(new ListThingRegistrationTaskReportsCommand({ taskId, reportType }));
  return (await (await fetch(resourceLinks[0])).text()).trimEnd().split("\n").map((line) => JSON.parse(line));
};
const results = await report("RESULTS");
seen.results = [results.length, results[0].response.ResourceArns.thing, results[0].response.CertificatePem.startsWith("-----BEGIN CERTIFICATE-----")];
seen.errors = (await report("ERRORS")).map((error) => error.lineNumber);

seen.listed = 0;
for await (const page of paginateListThings({ client: iot, pageSize: 200 }, {})) seen.listed += page.things.length;
try {
  await iot.send(new DescribeThingCommand({ thingName: "nothing" }));
} catch (error) {
  seen.error = [error.name, error.$metadata.httpStatusCode, typeof error.$metadata.requestId];
}

console.log(JSON.stringify(seen));
