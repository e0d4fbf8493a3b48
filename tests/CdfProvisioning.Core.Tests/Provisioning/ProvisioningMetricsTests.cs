using System.Diagnostics.Metrics;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

public sealed class ProvisioningMetricsTests
{
    [Fact]
    public void Running_lists_and_their_waiting_rows_are_counted_until_they_end()
    {
        var (lists, rows) = Observed();
        using (var one = ProvisioningMetrics.BeginList())
        {
            using (var other = ProvisioningMetrics.BeginList())
            {
                one.SetWaiting(10);
                other.SetWaiting(5);
                one.SetWaiting(7);
                Assert.Equal((lists + 2, rows + 12), Observed());
            }

            Assert.Equal((lists + 1, rows + 7), Observed());
        }

        Assert.Equal((lists, rows), Observed());
    }

    [Fact]
    public void Devices_are_counted_by_where_they_come_from_and_what_became_of_them()
    {
        var counted = new List<string>();
        using var listener = Listener();
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Add($"{count} {tags[0].Value} {tags[1].Value}"));
        listener.Start();
        ProvisioningMetrics.Add(3, isOfList: true, succeeded: true);
        ProvisioningMetrics.Add(1, isOfList: false, succeeded: false);
        ProvisioningMetrics.Add(0, isOfList: true, succeeded: false);
        Assert.Equal(["3 list registered", "1 single failed"], counted);
    }

    private static (long Lists, long Rows) Observed()
    {
        var found = new Dictionary<string, long>();
        using var listener = Listener();
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => found[instrument.Name] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => found[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return (found["cdf.lists.running"], found["cdf.rows.waiting"]);
    }

    private static MeterListener Listener() => new()
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == ProvisioningMetrics.Meter)
                listener.EnableMeasurementEvents(instrument);
        },
    };
}
