using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that take a policy document, as text or as a file.</summary>
public abstract class PolicyDocumentCmdlet : CdfCmdlet
{
    /// <summary>The policy document, JSON text.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Document", ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyDocument")]
    [JsonText]
    [ValidateNotNullOrEmpty]
    public string? Document { get; set; }

    /// <summary>The file that has the policy document.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <summary>As Path, of a name that is taken as it is, brackets and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string? LiteralPath { get; set; }

    private protected async ValueTask<string> ReadDocumentAsync(CancellationToken cancellationToken) =>
        Document is not null && Document.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? throw CdfErrorCode.InvalidRequest.Error($"'{Document}' names a file, and is no policy document: say -Path {Document}.")
            : Document ?? await ReadFileAsync(ResolveFile(Path, LiteralPath), cancellationToken);
}
