using System.Threading.Channels;

namespace CdfProvisioning.Certificates;

/// <summary>RSA-2048 keys made ahead, since one takes a tenth of a second and more. Nothing is made before the first is taken.</summary>
internal sealed class KeyPool : IAsyncDisposable
{
    private readonly Channel<DeviceKey> _ready;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<Task> _filling;

    public KeyPool(int capacity = 8)
    {
        _ready = Channel.CreateBounded<DeviceKey>(capacity);
        _filling = new Lazy<Task>(() => Task.Run(FillAsync));
    }

    /// <summary>A key that is ready, else one made now, so that a rush uses every core.</summary>
    public async ValueTask<DeviceKey> TakeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        _ = _filling.Value;
        return _ready.Reader.TryRead(out var key) ? key : await Task.Run(DeviceKey.CreateRsa2048, cancellationToken).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_filling.IsValueCreated)
            await _filling.Value;
    }

    private async Task FillAsync()
    {
        try
        {
            while (await _ready.Writer.WaitToWriteAsync(_stopping.Token))
                _ready.Writer.TryWrite(DeviceKey.CreateRsa2048());
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
