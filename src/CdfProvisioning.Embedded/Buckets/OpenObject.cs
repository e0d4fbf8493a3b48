namespace CdfProvisioning.Embedded.Buckets;

/// <summary>An object and its content as they were at one moment, whatever is written to its key meanwhile.</summary>
internal sealed record OpenObject(StoredObject Object, FileStream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
