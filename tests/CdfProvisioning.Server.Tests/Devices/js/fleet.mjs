// A device with a claim, by AWS's device SDK and its fleet provisioning client: keys, a thing, and a connection of its own.
// Usage: node fleet.mjs <port> <root.pem> <claim.pem> <claim.key> <json of the template's parameters>
import { writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import sdk from 'aws-iot-device-sdk-v2'
const { iot, iotidentity, mqtt5 } = sdk

const [port, root, claimCertificate, claimKey, parameters] = process.argv.slice(2)

async function connect(certificate, key, clientId) {
  const client = new mqtt5.Mqtt5Client(
    iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath('localhost', certificate, key)
      .withPort(Number(port))
      .withCertificateAuthorityFromPath(undefined, root)
      .withConnectProperties({ clientId, keepAliveIntervalSeconds: 60 })
      .build())
  const connected = once(client, 'connectionSuccess')
  const failed = once(client, 'connectionFailure').then(([e]) => { throw new Error(`connection failed: ${e.error}`) })
  client.start()
  await Promise.race([connected, failed])
  return client
}

async function end(client) {
  const stopped = once(client, 'stopped')
  client.stop()
  await stopped
  client.close()
}

const claim = await connect(claimCertificate, claimKey, 'claim')
const identity = iotidentity.IotIdentityClientv2.newFromMqtt5(claim, { maxRequestResponseSubscriptions: 4, maxStreamingSubscriptions: 2, operationTimeoutInSeconds: 60 })
const made = await identity.createKeysAndCertificate({})
const registered = await identity.registerThing({
  templateName: 'fleet', certificateOwnershipToken: made.certificateOwnershipToken, parameters: JSON.parse(parameters),
})
let rejected
try {
  await identity.registerThing({ templateName: 'fleet', certificateOwnershipToken: 'another', parameters: JSON.parse(parameters) })
} catch (e) {
  rejected = e.modeledError
}

identity.close()
await end(claim)

const folder = mkdtempSync(join(tmpdir(), 'cdf-'))
const [certificate, key] = [join(folder, 'device.pem'), join(folder, 'device.key')]
writeFileSync(certificate, made.certificatePem)
writeFileSync(key, made.privateKey, { mode: 0o600 })
const device = await connect(certificate, key, registered.thingName)
const received = once(device, 'messageReceived')
await device.subscribe({ subscriptions: [{ topicFilter: 'echo', qos: 1 }] })
await device.publish({ topicName: 'echo', qos: 1, payload: 'hello' })
const [{ message }] = await received
await end(device)
console.log(JSON.stringify({ thingName: registered.thingName, configuration: registered.deviceConfiguration, code: rejected?.errorCode, echo: Buffer.from(message.payload).toString() }))
process.exit(0)
