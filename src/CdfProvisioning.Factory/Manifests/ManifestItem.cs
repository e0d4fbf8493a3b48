namespace CdfProvisioning.Factory.Manifests;

/// <summary>What stands at one place of a manifest: a device with its certificate, or what is wrong there.</summary>
/// <param name="Place">The file and the position in it, as the user finds it again.</param>
/// <param name="Fields">What the maker says of the device; the first one names it unless the user says otherwise.</param>
internal sealed record ManifestItem(string Place, IReadOnlyDictionary<string, string> Fields)
{
    private static readonly IReadOnlyDictionary<string, string> NoFields = new Dictionary<string, string>();

    public CertificateChain? Certificate { get; init; }

    public CdfException? Problem { get; init; }

    /// <summary>Reads one device; what is wrong with it becomes the item's problem, so that the others are read all the same.</summary>
    public static ManifestItem Read(string place, Func<(IReadOnlyDictionary<string, string> Fields, CertificateChain Certificate)> read)
    {
        try
        {
            var (fields, certificate) = read();
            return new(place, fields) { Certificate = certificate };
        }
        catch (CdfException e)
        {
            return Bad(place, e);
        }
    }

    public static ManifestItem Bad(string place, CdfException problem) =>
        new(place, NoFields) { Problem = problem.Code.Error($"{place}: {problem.Message}", problem) };

    public static CdfException Invalid(string message, Exception? cause = null) => CdfErrorCode.InvalidRequest.Error(message, cause);
}
