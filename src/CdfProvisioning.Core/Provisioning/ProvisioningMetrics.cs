using System.Diagnostics.Metrics;

namespace CdfProvisioning.Provisioning;

/// <summary>What this process registers, for <c>dotnet-counters</c> (meter <c>CdfProvisioning</c>) and a server's <c>/metrics</c>.</summary>
internal static class ProvisioningMetrics
{
    public const string MeterName = "CdfProvisioning";

    public static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Registrations = Meter.CreateCounter<long>("cdf.registrations", description: "Devices that were registered or refused.");

    private static int _listsRunning;

    private static long _rowsWaiting;

    static ProvisioningMetrics()
    {
        Meter.CreateObservableGauge("cdf.rows.waiting", () => Volatile.Read(ref _rowsWaiting), description: "Devices of the running lists that are not registered or refused yet.");
        Meter.CreateObservableGauge("cdf.lists.running", () => Volatile.Read(ref _listsRunning), description: "Lists that this process is registering.");
    }

    /// <summary>Counts devices.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isOfList">Whether they came in a list.</param>
    /// <param name="succeeded">Whether they were registered.</param>
    public static void Add(long count, bool isOfList, bool succeeded)
    {
        if (count > 0)
            Registrations.Add(count, new("from", isOfList ? "list" : "single"), new("outcome", succeeded ? "registered" : "failed"));
    }

    public static RunningList BeginList()
    {
        Interlocked.Increment(ref _listsRunning);
        return new();
    }

    /// <summary>A list while it is being registered.</summary>
    internal sealed class RunningList : IDisposable
    {
        private long _waiting;

        /// <summary>Notes how many of its devices are left.</summary>
        public void SetWaiting(long rows) => Interlocked.Add(ref _rowsWaiting, rows - Interlocked.Exchange(ref _waiting, rows));

        public void Dispose()
        {
            SetWaiting(0);
            Interlocked.Decrement(ref _listsRunning);
        }
    }
}
