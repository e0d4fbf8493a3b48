using System.Globalization;
using System.Management.Automation;
using CdfProvisioning.Files;
using CdfProvisioning.Fleet;
using CdfProvisioning.Reports;

namespace CdfProvisioning.PowerShell;

/// <summary>Writes a page that shows the fleet.</summary>
/// <remarks>
/// <para>
/// One HTML file that needs nothing else, to look at, to print and to send: things by type, group and certificate status, certificates by
/// the month in which they expire, the newest lists with their rates and why rows failed, policies with how many devices have them.
/// Each figure stands above the command that emits what it counts. It is for your eyes only (0600) until you say otherwise.
/// </para>
/// <para>
/// The embedded registry sums by itself. AWS IoT does not: things are listed, or counted by its index where that is switched on, and each
/// certificate is asked for three times, which takes a minute for a few hundred. Quick leaves out what that is for.
/// </para>
/// </remarks>
/// <example>
/// <para>The fleet as it is</para>
/// <code>Export-CdfReport -Path ./fleet.html</code>
/// </example>
/// <example>
/// <para>With a certain list</para>
/// <code>Export-CdfReport ./list.html -TaskId $task.TaskId</code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportCdfReportCommand : CdfCmdlet
{
    private const int CallsPerCertificate = 3;
    private const int UsualCallsPerSecond = 10;
    private const int FewCertificates = 500;

    private readonly List<string> _taskIds = [];

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The ids of the lists to show; the newest 25 if not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? TaskId { get; set; }

    /// <summary>On AWS: asks for no certificate, and so leaves out when they expire, which things have them and how many devices have a policy.</summary>
    [Parameter]
    public SwitchParameter Quick { get; set; }

    /// <summary>Refuses to overwrite a file.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Overwrites a file that is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => Path;

    private protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        _taskIds.AddRange(TaskId ?? []);
        return Task.CompletedTask;
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (MyInvocation.ExpectingInput && _taskIds.Count == 0)
            throw CdfErrorCode.InvalidRequest.Error("Nothing that came through the pipeline is a list: pipe what Get-CdfBulkRegistration emits, or name lists with -TaskId.");
        var file = ResolvePath(Path);
        Check(file);
        var reports = (await ConnectionAsync(cancellationToken)).Reports;
        if (!ShouldProcess(file, "Write a report of the fleet"))
            return;
        var report = await reports.ReadAsync(_taskIds.Count > 0 ? _taskIds : null, !Quick, Report, cancellationToken);
        try
        {
            await PrivateFiles.WriteAsync(file, ReportPage.Write(report), cancellationToken);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The report", file, e);
        }

        if (PassThru)
            WriteObject(new FileInfo(file));
    }

    private void Check(string file)
    {
        if (Directory.Exists(file))
            throw CdfErrorCode.InvalidRequest.Error($"'{file}' is a folder: name a file in it, such as '{System.IO.Path.Combine(file, "fleet.html")}'.");
        if (System.IO.Path.GetDirectoryName(file) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw CdfErrorCode.NotFound.Error($"There is no folder '{folder}' for the report: make it, or name another.");
        if (!File.Exists(file))
            return;
        if (NoClobber)
            throw CdfErrorCode.Conflict.Error($"'{file}' exists, and -NoClobber says to leave it: name another file.");
        if (!Force && File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly))
            throw CdfErrorCode.Conflict.Error($"'{file}' is read-only: -Force overwrites it.");
    }

    private void Report(ReportProgress progress)
    {
        var (what, done, total) = progress;
        if (what == StreamedTotals.Certificates && done == 0 && total > FewCertificates)
            WriteWarning(string.Create(
                CultureInfo.CurrentCulture,
                $"AWS IoT does not say in one answer when certificates expire and who has them: it is asked {CallsPerCertificate} times for each of {total:N0}, {CallsPerCertificate * total:N0} calls, which at its usual {UsualCallsPerSecond} a second each takes about {TimeSpan.FromSeconds((double)total / UsualCallsPerSecond):d\\.hh\\:mm\\:ss}. Ctrl+C ends it and writes nothing; -Quick leaves that out."));
        WriteProgress(new ProgressRecord(0, "Reading the fleet", total is null
            ? string.Create(CultureInfo.CurrentCulture, $"{what}{(done > 0 ? $": {done:N0}" : "")}")
            : string.Create(CultureInfo.CurrentCulture, $"{what}: {done:N0} of {total:N0}"))
        {
            PercentComplete = total > 0 ? (int)Math.Min(100, done * 100 / total.Value) : -1,
        });
    }
}
