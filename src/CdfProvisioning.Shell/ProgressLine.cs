using System.Management.Automation;

namespace CdfProvisioning.Shell;

/// <summary>The latest progress on the last line of a terminal; nothing where the output is a file.</summary>
internal sealed class ProgressLine
{
    private const string EraseLine = "\r\u001b[2K";

    private bool _isShown;

    public void Show(ProgressRecord record)
    {
        if (Console.IsErrorRedirected)
            return;

        Clear();
        if (record.RecordType == ProgressRecordType.Completed)
            return;

        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete}%" : string.Empty;
        var line = $"{record.Activity}{percent} {record.StatusDescription}";
        Console.Error.Write(line[..Math.Min(line.Length, Math.Max(Console.WindowWidth - 1, 0))]);
        _isShown = true;
    }

    public void Clear()
    {
        if (_isShown)
            Console.Error.Write(EraseLine);
        _isShown = false;
    }
}
