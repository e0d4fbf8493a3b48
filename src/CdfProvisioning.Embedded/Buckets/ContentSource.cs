namespace CdfProvisioning.Embedded.Buckets;

/// <summary>Content to be received, or its first <paramref name="Length"/> bytes.</summary>
internal readonly record struct ContentSource(Stream Stream, long Length = long.MaxValue);
