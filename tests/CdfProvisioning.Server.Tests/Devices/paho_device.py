"""A device by paho: connects, subscribes, publishes to itself, and then to a topic that is not its own. Prints what it saw."""
import json
import ssl
import sys
import threading

import paho.mqtt.client as mqtt

port, root, certificate, key, client_id, own, other = sys.argv[1:8]
seen = {"connected": None, "message": None, "ended": False}
connected, received, ended = threading.Event(), threading.Event(), threading.Event()

client = mqtt.Client(client_id=client_id, clean_session=True, protocol=mqtt.MQTTv311)
client.tls_set(ca_certs=root, certfile=certificate, keyfile=key, cert_reqs=ssl.CERT_REQUIRED)


def on_connect(c, userdata, flags, code):
    seen["connected"] = code
    c.subscribe(own, 1)
    connected.set()


def on_subscribe(c, userdata, mid, granted):
    c.publish(own, "hello", 1)


def on_message(c, userdata, message):
    seen["message"] = message.payload.decode()
    received.set()


def on_disconnect(c, userdata, code):
    seen["ended"] = code != 0
    ended.set()


client.on_connect, client.on_subscribe, client.on_message, client.on_disconnect = on_connect, on_subscribe, on_message, on_disconnect
client.connect("localhost", int(port), 60)
client.loop_start()
received.wait(60)
client.publish(other, "not mine", 1)
ended.wait(60)
client.loop_stop()
print(json.dumps(seen))
