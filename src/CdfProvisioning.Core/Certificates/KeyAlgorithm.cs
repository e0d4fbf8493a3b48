using CdfProvisioning.Iot;

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

/// <summary>The names of the keys that can be made for devices.</summary>
internal static class KeyAlgorithms
{
    public const string Rsa2048 = "RSA2048";
    public const string P256 = "P256";
    public const string P384 = "P384";

    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static KeyAlgorithm Parse(string name) => name.ToUpperInvariant() switch
    {
        Rsa2048 => KeyAlgorithm.Rsa,
        P256 => KeyAlgorithm.P256,
        P384 => KeyAlgorithm.P384,
        _ => throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(name)}' is no key algorithm: use {Rsa2048}, {P256} or {P384}."),
    };
}
