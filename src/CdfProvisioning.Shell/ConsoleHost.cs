using System.Globalization;
using System.Management.Automation.Host;

namespace CdfProvisioning.Shell;

/// <summary>What the engine knows of the program that it runs in.</summary>
internal sealed class ConsoleHost : PSHost
{
    /// <summary>The exit code that the script asked for.</summary>
    public int? ExitCode { get; private set; }

    public override string Name => "CdfProvisioning.Shell";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI { get; } = new ConsoleUserInterface();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This shell has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This shell has no prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
