namespace CdfProvisioning.Certificates;

/// <summary>The key types that AWS IoT accepts.</summary>
internal enum KeyAlgorithm
{
    Unsupported,
    Rsa,
    P256,
    P384,
    P521,
}
