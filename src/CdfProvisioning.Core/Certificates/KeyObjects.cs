using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>One key for many threads: importing it is dear and an imported object serves one thread at a time, so each use borrows one.</summary>
internal sealed class KeyObjects(Func<AsymmetricAlgorithm> import)
{
    private readonly ConcurrentBag<AsymmetricAlgorithm> _idle = [];

    public AsymmetricAlgorithm Borrow() => _idle.TryTake(out var key) ? key : import();

    public void Return(AsymmetricAlgorithm key) => _idle.Add(key);
}
