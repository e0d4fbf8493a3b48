using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Says how far a list is, at what rate it goes and how long it will still take.</summary>
internal sealed class BulkRegistrationProgress
{
    private const string Registering = "Registering devices";

    private readonly Stopwatch _elapsed = new();
    private long _doneBefore;

    /// <summary>The end of it, which takes it off the screen.</summary>
    public static ProgressRecord Completed { get; } = new(0, Registering, "done") { RecordType = ProgressRecordType.Completed };

    public ProgressRecord Of(BulkRegistrationTask task)
    {
        var done = task.SuccessCount + task.FailureCount;
        if (!_elapsed.IsRunning)
        {
            _elapsed.Start();
            _doneBefore = done;
        }

        var rate = (done - _doneBefore) / Math.Max(_elapsed.Elapsed.TotalSeconds, 0.001);
        var failed = task.FailureCount == 0 ? string.Empty : Text($", {task.FailureCount:N0} failed");
        return new ProgressRecord(0, task.IsIssuance ? "Making certificates" : Registering, Text($"{done:N0} of {task.RowCount:N0}{failed}, {rate:N0}/s"))
        {
            PercentComplete = task.PercentageProgress,
            SecondsRemaining = rate > 0 ? (int)Math.Min((task.RowCount - done) / rate, int.MaxValue) : -1,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.CurrentCulture);
}
