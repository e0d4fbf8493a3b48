using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Server.Devices;

/// <summary>Looks several times a second whether anybody, in any process, has changed the registry.</summary>
internal sealed class RegistryWatch
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    /// <summary>A certificate that is locked out has to be out within a second.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(800);

    private readonly Task _work;

    private RegistryWatch(Task work) => _work = work;

    /// <param name="registry">The registry.</param>
    /// <param name="recheck">Is told whether anything has changed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static RegistryWatch Start(EmbeddedRegistry registry, Func<bool, Task> recheck, CancellationToken cancellationToken) =>
        new(Task.Run(() => RunAsync(registry, recheck, cancellationToken), CancellationToken.None));

    public Task EndAsync() => _work;

    private static async Task RunAsync(EmbeddedRegistry registry, Func<bool, Task> recheck, CancellationToken cancellationToken)
    {
        ChangeWatch? watch = null;
        try
        {
            var pause = Shortest;
            while (!cancellationToken.IsCancellationRequested)
            {
                var start = System.Diagnostics.Stopwatch.GetTimestamp();
                try
                {
                    watch ??= registry.Watch();
                    await recheck(watch.HasChanged());
                    if (registry.Read(ProvisioningClaims.HasExpired))
                        await registry.WriteAsync(ProvisioningClaims.DeleteExpired, cancellationToken);
                }
                catch (CdfException)
                {
                    // The file cannot be read at the moment: who is connected stays, and it is looked at again.
                }

                // While a list changes the registry all the time, a long look is not taken more often than a fifth of it.
                var taken = System.Diagnostics.Stopwatch.GetElapsedTime(start);
                pause = taken * 4 < Shortest ? Shortest : taken * 4 > Longest ? Longest : taken * 4;
                await Task.Delay(pause, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            watch?.Dispose();
        }
    }
}
