using System.Threading.Channels;

namespace CdfProvisioning.Certificates;

/// <summary>RSA-2048 keys made ahead, since one takes a tenth of a second and more. Nothing is made before the first is taken.</summary>
internal sealed class KeyPool : IAsyncDisposable
{
    private readonly Channel<DeviceKey> ready;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lazy<Task> filling;

    public KeyPool(int capacity = 8)
    {
        ready = Channel.CreateBounded<DeviceKey>(capacity);
        filling = new Lazy<Task>(() => Task.Run(FillAsync));
    }

    /// <summary>A key that is ready, else one made now, so that a rush uses every core.</summary>
    public async ValueTask<DeviceKey> TakeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, this);
        _ = filling.Value;
        return ready.Reader.TryRead(out var key) ? key : await Task.Run(DeviceKey.CreateRsa2048, cancellationToken).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (filling.IsValueCreated)
            await filling.Value;
    }

    private async Task FillAsync()
    {
        try
        {
            while (await ready.Writer.WaitToWriteAsync(stopping.Token))
                ready.Writer.TryWrite(DeviceKey.CreateRsa2048());
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
