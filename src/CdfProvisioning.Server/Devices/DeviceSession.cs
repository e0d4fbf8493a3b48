using MQTTnet;
using MQTTnet.Protocol;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// What is bounded of a device's session: its subscriptions, and the messages that wait for it. The broker bounds those that wait to be
/// sent, but not those that wait for an acknowledgement, which a device that is away, or never acknowledges, would let grow for ever.
/// </summary>
internal sealed class DeviceSession
{
    private readonly Dictionary<string, MqttQualityOfServiceLevel> _subscriptions = new(StringComparer.Ordinal);
    private int _toSend;
    private int _unacknowledged;

    /// <returns>False if there are too many.</returns>
    public bool TrySubscribe(string filter, MqttQualityOfServiceLevel qualityOfService)
    {
        lock (_subscriptions)
        {
            if (_subscriptions.Count >= DeviceLimits.MaxSubscriptions && !_subscriptions.ContainsKey(filter))
                return false;
            _subscriptions[filter] = qualityOfService;
            return true;
        }
    }

    public void Unsubscribe(string filter)
    {
        lock (_subscriptions)
            _subscriptions.Remove(filter);
    }

    /// <returns>False if too many messages wait for the device, which is connected.</returns>
    public bool TryEnqueue()
    {
        if (Volatile.Read(ref _toSend) >= DeviceLimits.MaxQueuedMessages || Volatile.Read(ref _unacknowledged) >= DeviceLimits.MaxQueuedMessages)
            return false;
        Interlocked.Increment(ref _toSend);
        return true;
    }

    /// <returns>False if a message is not kept for the device, which is away: it is of quality of service 0, or too many wait.</returns>
    public bool TryKeep(MqttApplicationMessage message)
    {
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce || Volatile.Read(ref _unacknowledged) >= DeviceLimits.MaxQueuedMessages)
            return false;
        lock (_subscriptions)
        {
            if (!_subscriptions.Any(s => s.Value > MqttQualityOfServiceLevel.AtMostOnce && MqttTopicFilterComparer.Compare(message.Topic, s.Key) == MqttTopicFilterCompareResult.IsMatch))
                return false;
        }

        Interlocked.Increment(ref _unacknowledged);
        return true;
    }

    public void Sent(MqttQualityOfServiceLevel qualityOfService)
    {
        Interlocked.Decrement(ref _toSend);
        if (qualityOfService > MqttQualityOfServiceLevel.AtMostOnce)
            Interlocked.Increment(ref _unacknowledged);
    }

    public void Acknowledged()
    {
        if (Volatile.Read(ref _unacknowledged) > 0)
            Interlocked.Decrement(ref _unacknowledged);
    }

    /// <summary>The device is back: the broker sends again all that it has not acknowledged.</summary>
    public void Resume() => Interlocked.Exchange(ref _toSend, Interlocked.Exchange(ref _unacknowledged, 0));
}
