using System.Net;
using System.Text.Json;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.AssetLibrary;

/// <summary>A CDF Asset Library: its policies of type ProvisioningTemplate say which template applies where.</summary>
internal sealed class AssetLibraryClient : ITemplateHierarchy, IDisposable
{
    private const string MediaType = "application/vnd.aws-cdf-v1.0+json";
    private const string PolicyType = "ProvisioningTemplate";
    private const int MaxAnswerLength = 4 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly Uri _baseUrl;

    /// <exception cref="CdfException">InvalidRequest: a URL or a header that cannot be.</exception>
    public AssetLibraryClient(AssetLibraryOptions options)
    {
        if (options.BaseUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            throw CdfErrorCode.InvalidRequest.Error($"'{options.BaseUrl}' is not the URL of an Asset Library: it has to begin with https:// or http://.");

        _baseUrl = new Uri(options.BaseUrl.AbsoluteUri.TrimEnd('/') + "/");
        // A redirection would take the headers, secrets among them, to another place.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = MaxAnswerLength,
        };
        _http.DefaultRequestHeaders.Accept.ParseAdd(MediaType);
        foreach (var (name, value) in options.Headers)
        {
            if (!_http.DefaultRequestHeaders.TryAddWithoutValidation(name, value))
                throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(name)}' cannot be sent as a header to the Asset Library.");
        }
    }

    public ValueTask<IReadOnlyList<TemplateAssignment>> AtAsync(IReadOnlyList<string> groupPath, CancellationToken cancellationToken) =>
        InheritedAsync(string.Join('&', groupPath.Select(path => $"groupPath={Uri.EscapeDataString(path)}")), cancellationToken);

    public ValueTask<IReadOnlyList<TemplateAssignment>> OfThingAsync(string thingName, CancellationToken cancellationToken) =>
        InheritedAsync($"deviceId={Uri.EscapeDataString(thingName)}", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async ValueTask<IReadOnlyList<TemplateAssignment>> InheritedAsync(string query, CancellationToken cancellationToken)
    {
        var url = new Uri(_baseUrl, $"policies/inherited?type={PolicyType}&{query}");
        try
        {
            using var response = await _http.GetAsync(url, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return [];
            if (response.StatusCode != HttpStatusCode.OK)
                throw CodeOf(response.StatusCode).Error($"The Asset Library answered {(int)response.StatusCode} to GET {url}.");
            return Read(await response.Content.ReadAsByteArrayAsync(cancellationToken), url);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CdfErrorCode.Unavailable.Error($"The Asset Library did not answer GET {url} within {_http.Timeout.TotalSeconds:0.#} s.", e);
        }
        catch (HttpRequestException e)
        {
            throw CdfErrorCode.Unavailable.Error($"The Asset Library cannot be asked (GET {url}): {e.Message}", e);
        }
    }

    private static CdfErrorCode CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => CdfErrorCode.InvalidRequest,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => CdfErrorCode.AccessDenied,
        HttpStatusCode.TooManyRequests => CdfErrorCode.Throttled,
        _ => CdfErrorCode.Unavailable,
    };

    /// <summary>The Asset Library has seen to it that all of a policy's paths apply; they count for which is more specific.</summary>
    private static IReadOnlyList<TemplateAssignment> Read(byte[] answer, Uri url)
    {
        try
        {
            var list = JsonSerializer.Deserialize(answer, AssetLibraryJson.Default.InheritedPolicies);
            return [.. (list?.Results ?? throw new JsonException("it has no 'results'")).Select(Read)];
        }
        catch (JsonException e)
        {
            throw CdfErrorCode.Unavailable.Error($"What the Asset Library answered to GET {url} cannot be understood: {e.Message}", e);
        }
    }

    private static TemplateAssignment Read(InheritedPolicy policy)
    {
        var document = policy.Document is null ? null : JsonSerializer.Deserialize(policy.Document, AssetLibraryJson.Default.TemplateDocument);
        return new(
            document?.Template ?? throw new JsonException($"the document of policy '{policy.PolicyId}' has no 'template'"), policy.AppliesTo ?? []);
    }
}
