using CdfProvisioning.Testing;

/// <summary>What .NET calls in a <see cref="ChildProcess"/> before its Main; it looks for this name in no namespace.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        ChildProcess.Run();
        Environment.Exit(0);
    }
}
