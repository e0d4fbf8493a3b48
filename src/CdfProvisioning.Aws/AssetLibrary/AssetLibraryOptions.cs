namespace CdfProvisioning.Aws.AssetLibrary;

/// <summary>Where a CDF Asset Library is, and how it is asked.</summary>
/// <param name="BaseUrl">Its base URL.</param>
/// <param name="Headers">Sent with every request, such as Authorization or x-api-key.</param>
/// <param name="Timeout">How long an answer may take.</param>
internal sealed record AssetLibraryOptions(Uri BaseUrl, IReadOnlyDictionary<string, string> Headers, TimeSpan Timeout);
